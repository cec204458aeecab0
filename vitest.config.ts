import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/package.ts"],
    // Every test is its own: no ports, files or clocks in common. Threads start faster than processes.
    pool: "threads",
    testTimeout: 20_000,
    hookTimeout: 120_000,
  },
});
