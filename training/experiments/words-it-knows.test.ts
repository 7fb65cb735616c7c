import { expect, it } from "vitest";
import { runScript } from "./run-script.js";

it("takes out what the model has wrong, unless the text has it often, and puts in twice what it has right", async () => {
  const sentences = (word: string) => Array.from({ length: 6 }, (_, k) => `${word} number ${"abcdef"[k]}`);
  const words = ["drone", "badger", "dog", "owl", "Oslo"];
  const wrong = sentences("badger").map((s, k) => (k < 2 ? s : "no"));
  const half = sentences("owl").map((s, k) => (k < 3 ? s : "no"));
  const { stderr, written } = await runScript("./words-it-knows.js", {
    input: {
      source: [...words.flatMap(sentences), "Rare"],
      reference: [...words.flatMap(sentences), "rare"],
      translations: [
        ...sentences("drone"),
        ...wrong,
        ...sentences("dog").map(() => "no"),
        ...half,
        ...sentences("Oslo").map(() => "no"),
        "no",
      ],
      text: ["A Badger saw the badgers.", "Rare Oslo: a drone", ...Array.from({ length: 20 }, () => "dog")],
    },
    output: ["output"],
  });
  expect(stderr).toMatch(/^of 5 words 2 are known, 2 are not\n$/);
  expect(written.output).toEqual([
    "A  saw the badgers.",
    "Rare Oslo: a drone",
    ...Array.from({ length: 20 }, () => "dog"),
    ...["drone", "owl", "drone", "owl"],
  ]);
});
