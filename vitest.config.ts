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
    hookTimeout: 120_000,
  },
});
