import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/package.ts"],
    // Every test is its own: no ports, files or clocks in common. Threads start faster than processes.
    pool: "threads",
    // A bound on what hangs, not on what is slow: tests that run whole processes share the cores with all others.
    testTimeout: 90_000,
    maxConcurrency: 3,
    // The SDK prefers a profile of the shell to these, and asks the machine it runs on when it finds neither.
    env: { AWS_PROFILE: "", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" },
    hookTimeout: 120_000,
  },
});
