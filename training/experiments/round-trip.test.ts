import { expect, it } from "vitest";
import { runScript } from "./run-script.js";

it("keeps the pairs whose source comes back to the target, the same lines of both sides", async () => {
  const { stderr, written } = await runScript("./round-trip.js", {
    input: {
      source: ["青い家だ。", "赤い家だ。", "家。"],
      target: ["The house is blue.", "The horse is red.", "A home."],
      again: ["The house was blue.", "My sister laughs.", "A home."],
    },
    output: ["source-output", "target-output"],
    options: { least: "50" },
  });
  expect(written["source-output"]).toEqual(["青い家だ。", "家。"]);
  expect(written["target-output"]).toEqual(["The house is blue.", "A home."]);
  expect(stderr).toBe("2 of 3 pairs\n");
});
