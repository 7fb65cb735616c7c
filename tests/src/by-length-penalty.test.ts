import { fileURLToPath } from "node:url";
import { byLengthPenalty } from "@carousel/cli/by-length-penalty";
import { searchOptions } from "@carousel/server";
import { LocalModel } from "@carousel/server/local";
import { expect, it } from "vitest";

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const random = Array.from({ length: 40 }, (_, k) => "彼は医者です私学生これ本何か".slice(k % 4, 5 + (k % 9)));
const english = [
  "I am a doctor.",
  "No. It is not so. Where is it?",
  "",
  "He said that it was raining so hard that he could not see the road.",
  "Never mind what they say about you.",
  "a a a a",
];

it.each([
  ["tests/fixtures/bundles-v2/v2-tiny-translation", random],
  ["models/tatoeba-en-fr", english],
])("%s: one search ranks its hypotheses as a search with each length penalty does", async (bundle, sources) => {
  const model = await LocalModel.open(path(bundle), { intraOpThreads: 1 });
  const alphas = [0, 0.7, 1, 4];
  const [beam, expected] = [4, [] as string[][]];
  for (const lengthPenalty of alphas) {
    const texts: string[] = [];
    for await (const { hypotheses } of model.translate(sources, searchOptions({ beamSize: beam, lengthPenalty }))) {
      texts.push(hypotheses[0]!.text);
    }
    expected.push(texts);
  }
  expect(expected[3]).not.toEqual(expected[0]);
  expect(await byLengthPenalty(model, { sources, alphas, beam })).toEqual(expected);
  await model.close();
});
