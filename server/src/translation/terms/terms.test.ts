import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { searchOptions } from "../../gateway/validate.js";
import { LocalModel } from "../../local.js";
import { demandsOf } from "./demands.js";
import { readTerms } from "./read-terms.js";
import { placesOfDemands } from "./target-forms.js";
import type { Term } from "./term.js";

const folder = (path: string) => new URL(`../../../../${path}`, import.meta.url).pathname;

function term(source: string, target: string, more: Partial<Term> = {}): Term {
  return { source, target, sourceForms: [], targetForms: [], case: "match", inflection: "listed", ...more };
}

/** What stands in the translation for the terms of the source. */
function met(source: string, target: string, terms: readonly Term[]): (string | undefined)[] {
  return placesOfDemands(target, demandsOf(source, terms, [])).map((p) => p && target.slice(p.start, p.end));
}

describe("terms", () => {
  it("are found as whole words, the longest first", () => {
    const terms = [term("dog", "A"), term("hot dog", "B"), term("犬", "C")];
    const found = demandsOf("A hot dog, a dog, dogma: 子犬の犬", terms, [{ start: 18, end: 23 }]);
    expect(found.map((d) => [d.written, d.term.target])).toEqual([
      ["hot dog", "B"],
      ["dog", "A"],
      ["犬", "C"],
      ["犬", "C"],
    ]);
  });

  it.each<[string, string, Term, (string | undefined)[]]>([
    ["犬がいる", "Hounds run", term("犬", "hound"), [undefined]],
    ["犬がいる", "Hounds run", term("犬", "hound", { inflection: "suffix" }), ["Hounds"]],
    ["犬がいる", "two hounds", term("犬", "hound", { targetForms: ["hounds"] }), ["hounds"]],
    ["犬がいる", "a Hound", term("犬", "hound"), [undefined]],
    ["犬がいる", "a Hound", term("犬", "hound", { case: "any" }), ["Hound"]],
    ["犬がいる", "Hound", term("犬", "hound", { case: "exact" }), [undefined]],
    ["a DOG", "un CHIEN", term("dog", "chien"), ["CHIEN"]],
    ["a DOG", "un chien", term("dog", "chien"), [undefined]],
    ["Dogs run", "les chiens", term("dog", "chien", { inflection: "suffix" }), ["chiens"]],
    ["see Dog", "vois chien", term("dog", "chien"), [undefined]],
    ["dog, dog", "un chien", term("dog", "chien"), ["chien", undefined]],
    ["the tree", "l'arbre", term("tree", "arbre"), ["arbre"]],
    ["the dog's bone", "l’os du chien", term("dog", "chien"), ["chien"]],
    ["Tom's, I'm, we'll", "x", term("s", "x", { sourceForms: ["m", "ll"] }), []],
    ["I don't", "je ne fais pas", term("don", "mafieux"), []],
    ["a _dog_--dog", "chien, chien", term("dog", "chien"), ["chien", "chien"]],
    ["dog-friendly, hot-dog, my_dog", "x", term("dog", "chien"), []],
    ["Phones ring", "iPhone", term("phone", "iPhone", { inflection: "suffix" }), ["iPhone"]],
    ["big \u00a0 dog", "gros chien", term("big dog", "gros chien"), ["gros chien"]],
    ["big\ndog", "gros chien", term("big dog", "gros chien"), []],
    ["ＡＢＣ ｶﾞｽ cafe\u0301", "X y z", term("abc", "x"), ["X"]],
    ["ＡＢＣ ｶﾞｽ cafe\u0301", "x y z", term("ガス", "y"), ["y"]],
    ["ＡＢＣ ｶﾞｽ cafe\u0301", "x y z", term("café", "z"), ["z"]],
    ["ＡＢＣ ｶﾞｽ cafe\u0301", "x y z", term("cafe", "z"), []],
    ["ABC", "abc", term("ABC", "ａｂｃ"), [undefined]],
  ])("of %j are in %j or not", (source, target, t, expected) => {
    expect(met(source, target, [t])).toEqual(expected);
  });

  it("are read from lines, and a line that is none is named", () => {
    expect(readTerms(["# animals", "mouse|mice\tマウス", ""])).toEqual([
      term("mouse", "マウス", { sourceForms: ["mice"] }),
    ]);
    expect(() => readTerms(["a\tb", "mouse"])).toThrow("line 2 of the terms must be SOURCE, a tab, TARGET");
    expect(() => readTerms(["a\t"])).toThrow("terms[0].target is empty");
  });
});

describe("translations with terms into French and Japanese", () => {
  it.each([
    [
      "en-fr",
      "Tom ate two apples.",
      [term("apple", "pomme verte", { sourceForms: ["apples"], targetForms: ["pommes vertes"] })],
      "Tom a mangé deux pommes vertes.",
    ],
    [
      "en-fr",
      "The doctor bought a new computer.",
      [term("doctor", "médecin généraliste"), term("computer", "PC")],
      "Le médecin généraliste a acheté un nouvel PC.",
    ],
    ["en-fr", "My dog & my car.", [term("dog", "clebs"), term("car", "bagnole")], "Mon clebs et ma bagnole."],
    ["en-fr", "DOG", [term("dog", "toutou", { targetForms: ["toutous"] })], "TOUTOU"],
    ["en-fr", "Dog!", [term("dog", "toutou")], "Toutou !"],
    ["en-ja", "Dog", [term("dog", "ワンちゃん")], "ワンちゃん"],
    ["en-ja", "This car is very expensive.", [term("car", "クルマ")], "このクルマはとても高すぎる。"],
    [
      "en-ja",
      "Tom's dog is in his car.",
      [term("Tom", "トーマス"), term("dog", "ワンちゃん"), term("car", "クルマ")],
      "トーマスのワンちゃんはクルマの中にいる。",
    ],
  ])("%s: %s", async (direction, text, terms, translation) => {
    const model = await LocalModel.open(folder(`models/tatoeba-${direction}`));
    for await (const { hypotheses } of model.translate([text], searchOptions({ beamSize: 5 }), { terms })) {
      expect(hypotheses[0]).toMatchObject({ text: translation, termViolations: [] });
    }
    await model.close();
  });
});

describe("translations with terms", () => {
  let model: LocalModel;
  beforeAll(async () => {
    model = await LocalModel.open(folder("models/tatoeba-ja-en"));
  });
  afterAll(() => model.close());

  async function translate(text: string, terms: readonly Term[], more: Parameters<LocalModel["translate"]>[2] = {}) {
    const options = searchOptions({ beamSize: 3, nBest: 2, maxLength: 40 });
    for await (const { hypotheses } of model.translate([text], options, { ...more, terms })) return hypotheses;
    throw new Error("no translation");
  }

  it.each([
    ["彼は医者です。", [term("医者", "physician")]],
    ["東京は大きな都市です。", [term("東京", "Edo"), term("都市", "metropolis")]],
    // no piece of the vocabulary spells these
    ["彼は昨日医者に会った。", [term("医者", "Dr. 鷗Ω")]],
    ["犬は犬を見た。", [term("犬", "hound", { inflection: "suffix" })]],
  ])("%s has them, letter for letter", async (text, terms) => {
    const [best] = await translate(text, terms);
    expect(best!.termViolations).toEqual([]);
    expect(met(text, best!.text, terms)).not.toContain(undefined);
  });

  it("are as without them where the model says so itself", async () => {
    const [free] = await translate("彼は医者です。", []);
    const [held] = await translate("彼は医者です。", [term("医者", "doctor")]);
    expect(held!.text).toBe(free!.text);
    expect(held!.score).toBeCloseTo(free!.score, 4);
  });

  it("have one that a sentence seems to end in, and one that is the sentence", async () => {
    const names = [term("「行け！犬」", "Go Dog")];
    const [inside] = await translate("彼は「行け！犬」を読んだ。", names);
    expect(inside!.termViolations).toEqual([]);
    expect(inside!.text).toContain("Go Dog");
    const [whole] = await translate("彼女は本を読んでいました。", [term("彼女は本を読んでいました", "She studied")]);
    expect(whole!.text).toBe("She studied.");
  });

  it("say of a number's unit that it stayed, and of a term that had to be cut", async () => {
    const [number] = await translate("あと5 kmです。", [term("km", "klicks")]);
    expect(number!.text).toContain("5 km");
    expect(number!.termViolations).toEqual([{ source: "km", target: "klicks", written: "km" }]);
    const [alone] = await translate("5 km", [term("km", "klicks")]);
    expect(alone).toMatchObject({ text: "5 km", termViolations: [{ source: "km" }] });
    const long = "あ".repeat(200);
    const [cut] = await translate(`${long}。`, [term(long, "ah")]);
    expect(cut!.termViolations).toEqual([{ source: long, target: "ah", written: long }]);
  });

  it("have the confidence of the free translation", async () => {
    const [free] = await translate("彼は医者です。", []);
    const [held] = await translate("彼は医者です。", [term("医者", "physician")]);
    expect(held!.text).not.toBe(free!.text);
    expect(held!.confidence).toBeCloseTo(free!.confidence!, 6);
  });

  it("say which they lack", async () => {
    const long = "word ".repeat(50).trim();
    const [best] = await translate("彼は医者です。", [term("医者", long)]);
    expect(best!.termViolations).toEqual([{ source: "医者", target: long, written: "医者" }]);
  });

  it("keep tags, placeholders and what they were asked to begin with", async () => {
    const terms = [term("医者", "physician")];
    const [html] = await translate("<p>{name}は<b>医者</b>です。</p>", terms, { format: "html" });
    expect(html!.termViolations).toEqual([]);
    expect(html!.text.split("{name}")).toHaveLength(2);
    expect(html!.text.replace(/<\/?b>/g, "")).toContain("physician");
    const [begun] = await translate("彼は医者です。", terms, { prefixes: ["He was"] });
    expect(begun!.text).toMatch(/^He was.*physician/);
  });
});
