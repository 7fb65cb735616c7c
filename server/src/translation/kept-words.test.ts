import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { searchOptions } from "../gateway/validate.js";
import { LocalModel, type TextsOptions } from "../local.js";
import {
  below,
  faultOf,
  folder,
  PLACEHOLDERS,
  pick,
  tagsOf,
  translateAll,
  WORDS,
} from "./test-support/random-texts.js";

/** Text with placeholders of all kinds, some of them twice, beside what looks like one. */
function randomText(): { text: string; placeholders: string[] } {
  const words = [...WORDS, "<", "{", "}", "%", "5", "トム", "Tom", " "];
  const placeholders: string[] = [];
  const parts = Array.from({ length: 1 + below(9) }, () => {
    if (below(3) > 0) return pick(words) + pick(words);
    placeholders.push(pick(TEXT_PLACEHOLDERS));
    return ` ${placeholders.at(-1)} `;
  });
  return { text: parts.join(""), placeholders };
}

const TEXT_PLACEHOLDERS = [
  ...PLACEHOLDERS,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a place for a value in another language
  ...["{0}", "${user}", "%d", "%(total)d", "%.2f", "<0>", "</0>", "<b1/>", "www.example.com/a"],
  ...["20 °C", "50%", "$1,000", "3.5 GHz", "100€"],
  ...["`a < b`", "report.pdf", "/usr/bin", "user_id", "getName()", "Ctrl+C", "C++", "#12", "@me", "ISO 9001", "R&D"],
  ...["-5 °C", "60 km/h", "1 234,50 €", "10–20 km", "５０％", "%dkm", "{n, plural, one {# item} other {# items}}"],
];

describe("placeholders in text", () => {
  it.each([
    ["tests/fixtures/bundles/v1-tiny-translation", 300],
    ["models/tatoeba-ja-en", 40],
  ])("come through letter for letter, as often as they were there, by %s", async (path, count) => {
    const model = await LocalModel.open(folder(path));
    const texts = Array.from({ length: count }, randomText);
    const written = await translateAll(
      model,
      texts.map((t) => t.text),
      "text",
    );
    const times = (text: string, placeholder: string) => text.split(placeholder).length - 1;
    for (const [k, { text, placeholders }] of texts.entries()) {
      for (const p of placeholders) expect(times(written[k]!, p), `${text} → ${written[k]}`).toBe(times(text, p));
    }
    await model.close();
  });
});

describe("numbers of two digits or more", () => {
  const NUMBERS = ["27", "345", "2027", "１９８７", "10:30", "3,000", "12/05/2026", "3.14", "3万", "AF12"];
  const meant = (written: string) => (written === "3万" ? "30,000" : written.normalize("NFKC"));

  it.each([
    ["tests/fixtures/bundles/v1-tiny-translation", 200],
    ["models/tatoeba-ja-en", 40],
  ])("are all in the translation, by %s", async (path, count) => {
    const model = await LocalModel.open(folder(path));
    const texts = Array.from({ length: count }, () => {
      const numbers = NUMBERS.filter(() => below(3) === 0);
      return { numbers, text: numbers.map((number) => `${pick(WORDS)}は${number}の${pick(WORDS)}`).join("") };
    });
    const written = await translateAll(
      model,
      texts.map(({ text }) => text),
      "text",
    );
    for (const [k, { text, numbers }] of texts.entries()) {
      for (const number of numbers) expect(written[k], text).toContain(meant(number));
    }
    await model.close();
  });

  it("come out as they are, in the marks of the target", async () => {
    const french = await LocalModel.open(folder("models/tatoeba-en-fr"));
    const texts = ["The committee approved the budget for 2027.", "There were 1,345 people in the room."];
    expect(await translateAll(french, texts, "text")).toEqual([
      "Le comité a approuvé le budget pour 2027.",
      "Il y avait 1\u202f345 personnes dans la pièce.",
    ]);
    await french.close();
  });
});

describe("emoji, lists, names that a model has not seen, and capitals", () => {
  let french: LocalModel;
  let japanese: LocalModel;
  beforeAll(async () => {
    french = await LocalModel.open(folder("models/tatoeba-en-fr"));
    japanese = await LocalModel.open(folder("models/tatoeba-ja-en"));
  });
  afterAll(async () => {
    await french.close();
    await japanese.close();
  });
  const inFrench = (...texts: string[]) => translateAll(french, texts, "text");

  it("come out as they are", async () => {
    expect(
      await inFrench(
        "My name is Robert Zimmermann.",
        "Where is Zimmermann? Zimmermann is here.",
        "Zimmermann",
        "We live in Wuppertal.",
        "ZDF has 45 cars.",
        "I live in 東京. こんにちは。",
      ),
    ).toEqual([
      "Je m'appelle Robert Zimmermann.",
      "Où est Zimmermann ? Zimmermann est ici.",
      "Zimmermann",
      "Nous vivons à Wuppertal.",
      "ZDF a 45 voitures.",
      "J'habite à 東京. こんにちは。",
    ]);
    expect(await translateAll(japanese, ["私の名前はZimmermannです。"], "text")).toEqual(["My name is Zimmermann."]);
  });

  it("leave the sentence beside them what it is, as do typeset marks", async () => {
    expect(await inFrench("I love you 😀", "- I don’t know.\n2) He left — I stayed.")).toEqual([
      "Je t'aime 😀",
      "- Je ne sais pas.\n2) Il est parti, je suis resté.",
    ]);
  });

  it("are common nouns, too, in their places and with the articles that they ask for", async () => {
    expect(
      await inFrench(
        "The odometer is too complicated for me.",
        "I have never seen an ocelot.",
        "He cleaned the carburetor.",
        "I hate solenoids.",
        "firmware",
      ),
    ).toEqual([
      "L'odometer est trop compliqué pour moi.",
      expect.stringMatching(/ ocelot\.$/),
      expect.stringMatching(/ le carburetor\.$/),
      "Je déteste les solenoids.",
      "firmware",
    ]);
  });

  it("of a sentence are those of its translation, placeholders as they were", async () => {
    expect(
      await inFrench(
        "I LOVE YOU. Do you love me?",
        "HELLO",
        "MY NAME IS ROBERT ZIMMERMANN.",
        "Please do NOT touch the door.",
        "{user} IS AT https://a.b/c FOR 5 km.",
        "tom is in boston.",
      ),
    ).toEqual([
      "JE T'AIME. Vous m'aimez ?",
      "BONJOUR",
      "JE M'APPELLE ROBERT ZIMMERMANN.",
      "Veuillez ne pas toucher la porte.",
      "{user} EST À https://a.b/c POUR 5 km.",
      "Tom est à Boston.",
    ]);
    expect(await translateAll(french, ["<p>I LOVE <b>YOU</b>, {x}!</p>"], "html")).toEqual([
      "<p>JE <b>T'AIME</b>, {x} !</p>",
    ]);
  });

  it("leave a translation as it begins, and search for terms", async () => {
    const term = { target: "cabot", sourceForms: [], targetForms: [], inflection: "listed" } as const;
    const options = searchOptions({ beamSize: 2, maxLength: 20 });
    const translated = async (text: string, more: TextsOptions) => {
      for await (const { hypotheses } of french.translate([text], options, more)) return hypotheses[0]!;
      return undefined;
    };
    for (const [termCase, expected] of [
      ["match", "CABOT"],
      ["any", "cabot"],
      ["exact", "cabot"],
    ] as const) {
      const terms = [{ ...term, source: termCase === "exact" ? "DOG" : "dog", case: termCase }];
      const { text, termViolations } = (await translated("I LOVE MY DOG.", { terms }))!;
      expect(text).toBe(`J'ADORE MON ${expected}.`);
      expect(termViolations).toEqual([]);
    }
    expect(await translated("MY NAME IS ROBERT ZIMMERMANN.", { prefixes: ["Je m'appelle"] })).toMatchObject({
      text: "Je m'appelle ROBERT ZIMMERMANN.",
    });
    expect(await translated("Zimmermann is a teacher.", { prefixes: ["Zimmermann"] })).toMatchObject({
      text: "Zimmermann est professeur.",
    });
  });

  it("are names also of sentences that prove too long", async () => {
    const [written] = await inFrench(`Zimmermann is happy ${"😀".repeat(80)}`);
    expect(written).toContain("Zimmermann");
    expect(written).toContain("😀".repeat(10));
  });

  const NAMES = [
    "Zimmermann",
    "Wuxi",
    "ZDF",
    "Robert Kbuchi",
    "O'Brien-Smyth",
    "J. K. Vorlox",
    "\u0141ukasz",
    "GitHub",
  ];
  const ENGLISH = [
    "the dog",
    "is",
    "my friend",
    "in",
    "and",
    "loves",
    "a teacher.",
    "Tom",
    "{name}",
    "5 km",
    "2027",
    "I",
    ",",
  ];

  /** Names in capitals; tags and placeholders as they are. */
  const upper = (text: string) =>
    text.replace(/<[^>]*>|\{name\}|5 km|\p{L}+/gu, (part) => (/^\p{L}/u.test(part) ? part.toUpperCase() : part));

  it.each(["text", "html"] as const)("come through letter for letter, and tags around them: %s", async (format) => {
    const tagged = (text: string) => (format === "html" && below(3) === 0 ? `<b>${text}</b>` : text);
    const texts = Array.from({ length: 60 }, () => {
      const names = NAMES.filter(() => below(3) === 0).slice(0, 4);
      const said = [...names, ...names.slice(0, below(2))].map(
        (name) => `${tagged(name)} ${pick(ENGLISH)} ${tagged(pick(ENGLISH))}`,
      );
      return { names, text: tagged(said.join(" ")) };
    });
    const shouted = texts.map(({ names, text }) => ({ names: names.map(upper), text: upper(text) }));
    const all = [...texts, ...shouted];
    const written = await translateAll(
      french,
      all.map(({ text }) => text),
      format,
    );
    for (const [k, { text, names }] of all.entries()) {
      for (const name of names) expect(written[k], text).toContain(name);
      expect(tagsOf(written[k]!), text).toEqual(tagsOf(text));
      expect(faultOf(written[k]!), text).toBeUndefined();
    }
  });
});
