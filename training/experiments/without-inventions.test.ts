import { expect, it } from "vitest";
import { runScript } from "./run-script.js";

it("writes the reference where a translation has a word that the teacher says far too often, unless the reference has it", async () => {
  const animals = ["hérisson", "castor", "blaireau", "putois", "furet", "lynx"];
  const { stderr, written } = await runScript("./without-inventions.js", {
    input: {
      reference: [...animals.map((animal) => `Un ${animal} dort.`), "L'implication dort.", "Il dort."],
      translations: [...animals.map(() => "L'implication dort."), "L'Implication est là.", "Il dormait."],
    },
    output: ["output"],
  });
  expect(stderr).toBe("6 of 8 lines; l', implication\n");
  expect(written.output).toEqual([
    ...animals.map((animal) => `Un ${animal} dort.`),
    "L'Implication est là.",
    "Il dormait.",
  ]);
});
