import { expect, it } from "vitest";
import { runScript } from "./run-script.js";

it("leaves out what stands in another file, whatever its marks and capitals, what comes again and what has no letters", async () => {
  const { stderr, written } = await runScript("./new-sentences.js", {
    input: {
      text: ["I'm home.", "Im home!", "It is late.", "…", "Is it 7?", "Is it 8?"],
      without: ["it is late", "Is it 7."],
    },
    output: ["output"],
  });
  expect(written.output).toEqual(["I'm home.", "Is it 8?"]);
  expect(stderr).toBe("2 of 6 sentences\n");
});
