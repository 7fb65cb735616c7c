import { expect, it } from "vitest";
import { longJob } from "./long-job.js";

it("a job goes on where it was when every process has ended and Redis has lost its data", {
  timeout: 240_000,
}, async () => {
  const { violations, lines, doneBefore, segments } = await longJob({ lines: 6000 });
  expect(violations).toEqual([]);
  expect(doneBefore).toBeLessThan(lines);
  for (const answered of [...segments.before, ...segments.after]) expect(answered).toBeGreaterThan(0);
});
