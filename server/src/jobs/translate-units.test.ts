import { expect, test } from "vitest";
import { searchOptions } from "../gateway/validate.js";
import type { Translator } from "../translation/translator.js";
import { unitsBy } from "./translate-units.js";

const translator = {
  translate: async ({ options }: { options: object }) => ({
    translations: [{ hypotheses: [{ text: JSON.stringify(options) }] }],
  }),
} as unknown as Translator;

/** What becomes of one line with options of its own. */
async function lineWith(options: object) {
  const settings = {
    id: "j",
    model: "m",
    options: searchOptions({ beamSize: 3 }),
    signal: new AbortController().signal,
  };
  const [result] = await unitsBy(translator)([{ lead: "", source: "a", field: "json", options }], settings);
  return result as { text: string; error?: string };
}

test("a line's options go before those of its job", async () => {
  expect(JSON.parse((await lineWith({ beamSize: 2, seed: 7 })).text)).toMatchObject({ beamSize: 2, seed: 7 });
});

test.each([
  [{ beam_size: 2 }, "options.beam_size is not known; did you mean beamSize?"],
  [{ alignments: true }, /^options\.alignments is not known; known are beamSize, minLength, .*, noRepeatNgram$/],
  [{ lengthPenalty: "1" }, 'options.lengthPenalty is "1"; it must be a number'],
  [{ suppress: "abc" }, "options.suppress is a string; it must be a list"],
  [{ suppress: [1] }, "options.suppress[0] is 1; it must be a string"],
  [{ seed: null }, "options.seed is null; it must be a number"],
])("of a line with %j it is said what is wrong", async (options, error) => {
  expect((await lineWith(options)).error).toEqual(typeof error === "string" ? error : expect.stringMatching(error));
});
