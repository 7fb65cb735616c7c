import { defineConfig } from "vitest/config";

// Tests run from the compiled JavaScript that ships, so that worker threads start the same files as in production.
export default defineConfig({
  test: {
    include: ["**/dist/**/*.test.js"],
    exclude: ["**/node_modules/**"],
    pool: "forks",
    maxWorkers: 2,
    minWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
