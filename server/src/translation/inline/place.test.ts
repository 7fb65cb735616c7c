import { describe, expect, it } from "vitest";
import { placesOf } from "./attention.js";
import { cutSpans, type PartOfSpan } from "./parts.js";
import { placeAsIs, placeByAlignment, type Write } from "./place.js";
import type { Span } from "./span.js";

const asIs =
  (text: string): Write =>
  ({ start, end }) =>
    text.slice(start, end);

/** A generator of whole numbers below n, the same every time (Lehmer). */
function dice(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state * 48271) % 2147483647;
    return state % n;
  };
}

interface RandomSpans {
  readonly spans: Span[];
  readonly tags: string[];
  readonly holders: string[];
  /** Some of them several times. */
  readonly names: string[];
}

/** Random nested spans of a text; tags are numbered, placeholders too. */
function randomSpans(below: (n: number) => number, length: number): RandomSpans {
  const [tags, holders, names]: string[][] = [[], [], []];
  const nameStandIn = () => {
    const name = `Name${below(3)}.`;
    names!.push(name);
    return { text: name, standIn: { forms: ["トム"], foreign: true, name } };
  };
  const within = (start: number, end: number, depth: number): Span[] => {
    const spans: Span[] = [];
    for (let at = start; at <= end && spans.length < 3; at += below(4)) {
      const to = Math.min(end, at + below(6));
      const kind = to > at ? below(6) : 5;
      if (kind === 0) {
        spans.push({ start: at, end: to, before: "", after: "", children: [], instead: nameStandIn() });
      } else if (kind < 3) {
        const text = `{${holders!.length}}`;
        holders!.push(text);
        const instead = { text, standIn: { forms: ["Tom"], foreign: true } };
        spans.push({ start: at, end: to, before: "", after: "", children: [], instead });
      } else {
        const name = `t${tags!.length}`;
        tags!.push(name);
        const children = depth > 0 ? within(at, to, depth - 1) : [];
        spans.push({ start: at, end: to, before: `<${name}>`, after: `</${name}>`, children });
      }
      at = to;
    }
    return spans;
  };
  return { spans: within(0, length, 2), tags: tags!, holders: holders!, names: names! };
}

function expectWhole(written: string, { tags, holders, names }: RandomSpans): void {
  const open: string[] = [];
  const seen: string[] = [];
  for (const [, slash, name] of written.matchAll(/<(\/?)(t\d+)>/g)) {
    if (slash) expect(open.pop()).toBe(name);
    else open.push(name!);
    if (!slash) seen.push(name!);
  }
  expect(open).toEqual([]);
  expect(seen.sort()).toEqual([...tags].sort());
  expect([...written.matchAll(/\{\d+\}/g)].map(([holder]) => holder).sort()).toEqual([...holders].sort());
  expect(new Set(written.match(/Name\d\./g))).toEqual(new Set(names));
}

describe("spans in a translation", () => {
  it("are whole and nested, each once, names at least, wherever the attention is and the text was cut", () => {
    for (let seed = 1; seed <= 2000; seed++) {
      const below = dice(seed);
      const length = 1 + below(30);
      const document = randomSpans(below, length);
      const first = below(length + 1);
      const gap = below(length - first + 1);
      const lengths = [first, gap, length - first - gap].filter((n) => n > 0);
      const written = cutSpans(document.spans, lengths).map((spans, part) => {
        const words = Array.from({ length: 1 + below(6) }, () => ["Tom", "a", "dog", "ran", "トム", "家"][below(6)]!);
        const text = words.join(" ");
        const source = Array.from({ length: lengths[part]! }, (_, k) => ({ start: k, end: k + 1 }));
        const target = words.map((word, k) => {
          const start = words.slice(0, k).join(" ").length + (k > 0 ? 1 : 0);
          return { start, end: start + word.length };
        });
        const weights = words.map(() => source.map(() => below(100) / 100));
        return placeByAlignment(text, { spans, aligned: { source, target, weights }, write: asIs(text), closed: [] });
      });
      expectWhole(written.join(""), document);
    }
  });

  it("of what is not translated are where they were", () => {
    const spans = [
      { start: 0, end: 3, before: "<b>", after: "</b>", children: [] },
      { start: 3, end: 3, before: "<br/>", after: "", children: [] },
    ];
    expect(placeAsIs("a b c", cutSpans(spans, [5])[0]!, (t) => t)).toBe("<b>a b</b><br/> c");
  });

  it("have a placeholder in the form that its stand-in has", () => {
    const inflected = { taxi: "smartphone", Taxi: "Smartphone", taxis: "smartphones", Taxis: "Smartphones" };
    const standIn = { forms: Object.keys(inflected), foreign: true, name: "smartphone" };
    const instead = { text: "smartphone", standIn, inflected };
    const spans: PartOfSpan[] = [{ start: 0, end: 4, before: "", after: "", children: [], instead }];
    const said = (text: string) =>
      placeByAlignment(text, {
        spans,
        aligned: { source: [], target: [], weights: [] },
        write: asIs(text),
        closed: [],
      });
    expect(["I lost a taxi.", "Taxis are new.", "My taxis"].map(said)).toEqual([
      "I lost a smartphone.",
      "Smartphones are new.",
      "My smartphones",
    ]);
  });

  it("go around what looked at them", () => {
    // 犬が好き → I like dogs
    const source = [..."犬が好き"].map((_, k) => ({ start: k, end: k + 1 }));
    const target = [
      { start: 0, end: 1 },
      { start: 2, end: 6 },
      { start: 7, end: 11 },
    ];
    const weights = [
      [0.1, 0.6, 0.2, 0.1],
      [0, 0.1, 0.5, 0.4],
      [0.9, 0.1, 0, 0],
    ];
    const spans: PartOfSpan[] = [
      { start: 0, end: 1, before: "<b>", after: "</b>", children: [] },
      { start: 2, end: 4, before: "<i>", after: "</i>", children: [] },
    ];
    expect(
      placeByAlignment("I like dogs", {
        spans,
        aligned: { source, target, weights },
        write: asIs("I like dogs"),
        closed: [],
      }),
    ).toBe("I <i>like</i> <b>dogs</b>");
  });

  it("have spaces around a placeholder of which nothing was said", () => {
    const instead = { text: "{x}", standIn: { forms: ["Tom"], foreign: true } };
    const spans: PartOfSpan[] = [{ start: 0, end: 1, before: "", after: "", children: [], instead }];
    const write = (text: string, closed: { start: number; end: number }) => {
      const aligned = { source: [{ start: 0, end: 1 }], target: [closed], weights: [[1]] };
      return placeByAlignment(text, { spans, aligned, write: asIs(text), closed: [closed] });
    };
    expect(write("a dog ran", { start: 2, end: 5 })).toBe("a dog {x} ran");
    expect(write("a dog.", { start: 0, end: 6 })).toBe("a dog. {x}");
    expect(write("犬が走る", { start: 0, end: 1 })).toBe("犬{x}が走る");
  });

  it.each([
    ["It's Tom's book", "It's {x}'s book"],
    ["le livre d'Tom", "le livre d'{x}"],
    ["Tom's Tom's book", "{x}'s book"],
    ["Tommy, Tom", "Tommy, {x}"],
  ])("find a name beside an apostrophe: %s", (text, expected) => {
    const instead = { text: "{x}", standIn: { forms: ["Tom"], foreign: true } };
    const spans: PartOfSpan[] = [{ start: 0, end: 2, before: "", after: "", children: [], instead }];
    const aligned = { source: [{ start: 0, end: 2 }], target: [{ start: 0, end: 5 }], weights: [[1]] };
    expect(placeByAlignment(text, { spans, aligned, write: asIs(text), closed: [] })).toBe(expected);
  });

  it.each([
    ["Tom said that Tom ran", "Wuxi said that Wuxi ran"],
    ["Tom said that he ran", "Wuxi said that he ran"],
    ["Tom said that Tom saw Tom", "Wuxi said that Wuxi saw Wuxi"],
    ["He ran", "Wuxi ran"],
  ])("are names as often as the translation says them: %s", (text, expected) => {
    const name = (start: number): PartOfSpan => {
      const instead = { text: "Wuxi", standIn: { forms: ["Tom"], foreign: true, name: "Wuxi" } };
      return { start, end: start + 1, before: "", after: "", children: [], instead };
    };
    const aligned = { source: [{ start: 0, end: 1 }], target: [{ start: 0, end: 2 }], weights: [[1]] };
    expect(placeByAlignment(text, { spans: [name(0), name(5)], aligned, write: asIs(text), closed: [] })).toBe(
      expected,
    );
  });

  it("are in front of the translation where its first piece, which has no letter, looked at them", () => {
    const pieces = ["▁", "ブラウン", "さん", "</s>"];
    const aligned = {
      source: [{ start: 0, end: 3 }],
      target: placesOf(pieces, "ブラウンさん"),
      weights: [[1], [0], [0], [0]],
    };
    const instead = { text: "{x}", standIn: { forms: ["Tom"], foreign: true } };
    const spans: PartOfSpan[] = [{ start: 0, end: 3, before: "", after: "", children: [], instead }];
    expect(placeByAlignment("ブラウンさん", { spans, aligned, write: asIs("ブラウンさん"), closed: [] })).toBe(
      "{x}ブラウンさん",
    );
  });

  it("hold the placeholder that they held, though it comes first", () => {
    const instead = { text: "{x}", standIn: { forms: ["Tom"], foreign: true } };
    const holder = { start: 0, end: 3, before: "", after: "", children: [], instead };
    const spans: PartOfSpan[] = [{ start: 0, end: 3, before: "<b>", after: "</b>", children: [holder] }];
    const aligned = { source: [{ start: 0, end: 3 }], target: [{ start: 0, end: 3 }], weights: [[1]] };
    expect(placeByAlignment("Tom ran", { spans, aligned, write: asIs("Tom ran"), closed: [] })).toBe("<b>{x}</b> ran");
  });

  it.each([
    ["Au 30e étage", "30", "21", "Au 21e étage"],
    ["Utilise l'option.", "Tom", "`--help`", "Utilise l'option `--help`."],
  ])("goes on as its stand-in does, and is apart from the word in front: %s", (text, known, written, expected) => {
    const number = /^\d/.test(written) ? { number: written } : {};
    const instead = { text: written, standIn: { forms: [known], foreign: true, ...number } };
    const spans = [{ start: 0, end: 3, before: "", after: "", children: [], instead }];
    const end = text.includes(known) ? text.indexOf(known) + known.length : text.length - 1;
    const aligned = { source: [{ start: 0, end: 3 }], target: [{ start: end, end }], weights: [[1]] };
    expect(placeByAlignment(text, { spans, aligned, write: asIs(text), closed: [] })).toBe(expected);
  });

  it.each([
    ["Utilise l'option.", ".", "Utilise l'option {x}."],
    ["Utilise la chose !", "chose !", "Utilise la {x} !"],
    ["それは何。", "何。", "それは{x}。"],
  ])("leave the marks of the sentence that looked at them: %s", (text, looking, expected) => {
    const instead = { text: "{x}", standIn: { forms: ["Tom"], foreign: true } };
    const spans = [{ start: 0, end: 3, before: "", after: "", children: [], instead }];
    const start = text.indexOf(looking);
    const target = [{ start, end: start + looking.length }];
    const aligned = { source: [{ start: 0, end: 3 }], target, weights: [[1]] };
    expect(placeByAlignment(text, { spans, aligned, write: asIs(text), closed: [] })).toBe(expected);
  });

  it.each([
    ["In 1980, it began in 1980.", "In 2027, it began in 1914."],
    ["In 1980, it began in 19 80.", "In 2027, it began in 1914."],
    ["In 1980, in 1990 and 1980.", "In 2027, in 1914 and 2027."],
    ["In 1980, on the 1990th", "In 2027, on the 1914th"],
  ])("have numbers where the request put them, and others for what was made of them: %s", (text, expected) => {
    const number = (at: number, [known, number]: [string, string]): PartOfSpan => {
      const instead = { text: number, standIn: { forms: [known], foreign: true, number } };
      return { start: at, end: at + 4, before: "", after: "", children: [], instead };
    };
    const spans = [number(0, ["1990", "1914"]), number(5, ["1980", "2027"])];
    const aligned = {
      source: [{ start: 5, end: 9 }],
      target: [{ start: text.length - 5, end: text.length }],
      weights: [[1]],
    };
    const closed = [
      { start: 0, end: 3 },
      { start: 3, end: 7, instead: spans[1]!.instead! },
    ];
    expect(placeByAlignment(text, { spans, aligned, write: asIs(text), closed })).toBe(expected);
  });
});
