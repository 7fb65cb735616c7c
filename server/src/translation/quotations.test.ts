import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { searchOptions } from "../gateway/validate.js";
import { LocalModel } from "../local.js";
import { spokenSentences } from "./quotations.js";
import { reassemble } from "./reassemble.js";
import { segmentText } from "./segments.js";
import { folder } from "./test-support/random-texts.js";

const segmentsOf = (text: string, language = "en") =>
  segmentText(text, language)
    .parts.filter((p) => p.kind === "segment")
    .map((p) => p.text);

describe("quotations", () => {
  it.each([
    ['He said, "I am tired."', ["He said", "I am tired."]],
    ['"I am tired," he said, "and ill."', ["I am tired", "he said", "and ill."]],
    ['"Where is it?" she asked. "Here." “Oh.”', ["Where is it?", "she asked.", "Here.", "Oh."]],
    [
      "'I can't go,' he said. It's the boys' dog. It isn't.",
      ["I can't go", "he said.", "It's the boys' dog.", "It isn't."],
    ],
    ["« Où est-il ? » demanda-t-elle.", ["Où est-il ?", "demanda-t-elle."]],
    ["「はい。」「いいえ！」", ["はい。", "いいえ！"]],
    ["「はい」と彼は言った。", ["はい", "彼は言った。"]],
    ["「はい」という本", ["「はい」という本"]],
    ['He said "yes", "no" and "maybe".', ['He said "yes", "no" and "maybe".']],
    ['The "Oh! Now!" is 6" long, 5" wide', ['The "Oh! Now!" is 6" long, 5" wide']],
    ['"12" ""', ['"12" ""']],
  ])("that are sentences are cut out: %s", (text, segments) => {
    expect(segmentsOf(text, /\p{sc=Hira}/u.test(text) ? "ja" : "en")).toEqual(segments);
  });

  it.each([
    ["彼は「はい」と言った。", "彼は言った、「はい。」"],
    ["彼は「はい。」と言った。「そう」「いや？」", "彼は言った、「はい。」「そう。」「いや？」"],
    ["彼は「はい」と書いた本を読む。", "彼は「はい」と書いた本を読む。"],
    ["「犬」と「猫」が好きだ。", "「犬」と「猫」が好きだ。"],
    ["これは「はい」と言うか？", "これは「はい」と言うか？"],
  ])("in Japanese are read behind who says them: %s", (text, read) => {
    expect(spokenSentences(text, "ja")).toBe(read);
  });

  it.each([
    ["en", "fr", 'He said, "I am tired."', "He said : « I am tired. »"],
    ["en", "fr", '"I am," he said.', "« I am », he said."],
    ["en", "ja", 'He said: "I am." "So am I."', "He said：「I am.」「So am I.」"],
    ["ja", "en", "彼は言った、「はい。」「いや！」", '彼は言った, "はい。" "いや！"'],
    ["ja", "en", "「はい。」と彼は言った。「いや」", '"はい," 彼は言った。 "いや"'],
    ["en", "de", "He said, “Yes.”", "He said: „Yes.“"],
    ["en", "fr", "A list:\nof two", "A list :\nof two"],
    ["en", "ja", "Name: Tom", "Name：Tom"],
  ])("have the marks of the target language: %s to %s, %s", (source, target, text, written) => {
    expect(reassemble(segmentText(text, source).parts, target)).toBe(written);
  });

  it("are found in a time that grows as the text", { timeout: 3000 }, () => {
    for (const text of ['"a" ', "'a ", "「あ」と", "'a'a", '"a," ']) segmentText(text.repeat(20_000), "ja");
    spokenSentences("あ「あ」と".repeat(20_000), "ja");
  });
});

describe("translations of quotations", () => {
  const models: Record<string, LocalModel> = {};
  beforeAll(async () => {
    for (const name of ["tatoeba-en-fr", "tatoeba-ja-en"])
      models[name] = await LocalModel.open(folder(`models/${name}`));
  });
  afterAll(async () => {
    for (const model of Object.values(models)) await model.close();
  });

  async function translate(name: string, text: string, more: Parameters<LocalModel["translate"]>[2] = {}) {
    for await (const { hypotheses } of models[name]!.translate([text], searchOptions({ beamSize: 5 }), more))
      return hypotheses[0]!;
    throw new Error("no translation");
  }

  it.each([
    ["tatoeba-en-fr", 'He said "yes".', "Il a dit « oui »."],
    ["tatoeba-en-fr", "“I am tired,” he said.", "« Je suis fatigué », il a dit."],
    ["tatoeba-en-fr", 'Click "{button}" now.', "Cliquez sur « {button} », maintenant."],
    ["tatoeba-ja-en", "「疲れた」と彼は言った。", '"I\'m tired," he said.'],
    ["tatoeba-ja-en", "彼は「疲れた」と言いました。", 'He said, "I\'m tired."'],
  ])("%s: %s", async (name, text, translation) => {
    expect((await translate(name, text)).text).toBe(translation);
  });

  it("keep tags, terms and what the translation begins with", async () => {
    const format = "html";
    const markup = await translate("tatoeba-en-fr", '<p><i>"I am <b>tired</b>,"</i> he said.</p>', { format });
    expect(markup.text).toBe("<p><i>« Je suis <b>fatigué</b> »,</i> il a dit.</p>");
    const term = {
      source: "dog",
      target: "toutou",
      sourceForms: [],
      targetForms: [],
      case: "match",
      inflection: "listed",
    } as const;
    const held = await translate("tatoeba-en-fr", 'I read "The dog".', { terms: [term] });
    expect(held).toMatchObject({ text: expect.stringMatching(/^.*« .*toutou »\.$/), termViolations: [] });
    const quoted = await translate("tatoeba-en-fr", 'I read "The dog".', {
      terms: [{ ...term, source: '"The dog"', target: "« Le Chien »" }],
    });
    expect(quoted).toMatchObject({ text: expect.stringContaining("« Le Chien »"), termViolations: [] });
    expect((await translate("tatoeba-en-fr", '"I am tired," he said.', { prefixes: ["« Je"] })).text).toMatch(/^« Je/);
  });
});
