import { defineConfig } from "vitest/config";

// Minutes, and processes that are killed: by hand, `npm run faults`.
export default defineConfig({
  test: {
    include: ["tests/faults/dist/**/*.test.js"],
    exclude: ["**/node_modules/**"],
    pool: "forks",
    maxWorkers: 1,
    minWorkers: 1,
    hookTimeout: 60_000,
  },
});
