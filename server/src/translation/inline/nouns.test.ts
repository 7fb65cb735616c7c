import { WordFilter, wordsIn } from "@carousel/bundle";
import { describe, expect, it } from "vitest";
import type { Span } from "./span.js";
import { withKnownWords } from "./unknown-words.js";

const STAND_INS =
  "pencil pencils airplane airplanes taxi taxis egg eggs restaurant restaurants actor actors horse horses bread alcohol wine salt";
const SEEN =
  "The old dog is in a garden with my new house. She plays and eats bananas at school on that table. They are too loud for me. " +
  "What do you have? We saw these birds run out of version control. I think it works, but Tom has an apple. His very big teacher " +
  "said to look at the purple one or leave it here today. Is there some water? A router route sneak. Mary's friend was remarks.";
const words = WordFilter.of([...wordsIn(`${SEEN} ${STAND_INS}`)].map(({ word }) => word));

interface Options {
  readonly target?: string;
  readonly source?: string;
  readonly spans?: readonly Span[];
  readonly closed?: readonly { start: number; end: number }[];
}

const read = (text: string, { source = "en", target = "fr", spans = [], closed = [] }: Options = {}) =>
  withKnownWords({ text, spans }, { languages: { source, target }, words, closed });
const nounsIn = (text: string, options?: Options) => read(text, options).spans.map(({ instead }) => instead!.text);

describe("nouns that a model has not seen", () => {
  it.each([
    ["The dog plays in my gazebo.", ["gazebo"]],
    ["She has a new drone, an old banjo and bananas.", ["drone", "banjo"]],
    ["The drone is loud", ["drone"]],
    ["The firmware version is old", ["firmware"]],
    ["The gizmo firmware is old", ["gizmo firmware"]],
    ["What drone do you have?", ["drone"]],
    ["My friend's avocados", ["avocados"]],
    ["We saw my teacher's drone.", ["drone"]],
    ["The hedgehog's house", ["hedgehog"]],
    ["3 drones and 1 banjo", ["drones", "banjo"]],
    ["She eats with mascara.", ["mascara"]],
    ["Is there water in falafel?", ["falafel"]],
    ["I have banjos", ["banjos"]],
    ["I think banjos are old, but quinoa is new", ["banjos", "quinoa"]],
    ["She eats tofu, falafel and quinoa.", ["tofu", "falafel", "quinoa"]],
    ["firmware", ["firmware"]],
    ["hedgehogs, drones", ["hedgehogs", "drones"]],
  ])("of %s", (text, expected) => {
    expect(nounsIn(text)).toEqual(expected);
  });

  it.each([
    ["forms of known words", "The routers, my bananas' bird and the sneaking teachers"],
    ["verbs", "The dog whimpers. They yodel at me, and that whirs. I want to giggle. What motivated Tom?"],
    ["adjectives and adverbs", "They are woozy. The obnoxious dog runs abruptly. My obscene remarks, a vague one."],
    ["words with a capital, a hyphen or a digit", "A wi-fi, the B12x"],
    ["numerals", "On the thirteenth"],
    ["small words of the language", "She is loud although Tom plays, and whereas it works anyhow."],
  ])("are no %s", (_, text) => {
    expect(nounsIn(text)).toEqual([]);
  });

  it.each([
    ["The drone works.", "The pencil works."],
    ["The algorithm works.", "The airplane works."],
    ["She has an heirloom and a ukulele.", "She has an airplane and a pencil."],
    ["These drones and avocados", "These pencils and taxis"],
    ["The drone is in my drone, not in the banjo.", "The pencil is in my pencil, not in the taxi."],
    ["The drone is in a taxi with pencils.", "The restaurant is in a taxi with pencils."],
    ["She eats quinoa and some insulin", "She eats bread and some alcohol"],
    ["Zimmermann has a drone.", "Tom has a pencil."],
  ])("have others in their place, which the text has not: %s", (text, expected) => {
    expect(read(text).text).toBe(expected);
  });

  it("begin as those of the target do only where its articles ask for it", () => {
    expect(read("The algorithm is an old one.", { target: "ja" }).text).toBe("The pencil is an old one.");
    expect(read("It is an algorithm.", { target: "ja" }).text).toBe("It is an airplane.");
  });

  it("are written as translations write their number", () => {
    const formsOf = (text: string, target: string) => read(text, { target }).spans[0]!.instead!.standIn.forms;
    expect(formsOf("my drone", "fr")).toEqual(["crayon", "crayons"]);
    expect(formsOf("my drones", "fr")).toEqual(["crayons", "crayon"]);
    expect(formsOf("my drones", "ja")).toEqual(["鉛筆"]);
  });

  it("stay where no noun is left, or none is known in the languages", () => {
    const many = "my drone, my banjo, my gazebo, my gizmo, my router, my ferret, my gecko, my chipmunk, my otter";
    expect(read(many).text).toMatch(/^my pencil, .*, my otter$/);
    expect(nounsIn("The drone is loud", { target: "de" })).toEqual([]);
    expect(nounsIn("The drone is loud", { source: "nl" })).toEqual([]);
  });

  it("leave placeholders and terms, and are in the tags that they were in", () => {
    const text = "The drone is with my banjo in the gazebo";
    const tag: Span = { start: 18, end: 26, before: "<b>", after: "</b>", children: [] };
    const instead = { text: "{x}", standIn: { forms: ["drone"], foreign: true } };
    const kept: Span = { start: 4, end: 9, before: "", after: "", children: [], instead };
    const { text: written, spans, moved } = read(text, { spans: [kept, tag], closed: [{ start: 34, end: 40 }] });
    expect(written).toBe("The drone is with my pencil in the gazebo");
    expect(written.slice(moved(34), moved(40))).toBe("gazebo");
    expect(spans[1]!.children[0]!.instead!.text).toBe("banjo");
  });

  it("are found in a time that grows as their number", { timeout: 3000 }, () => {
    for (const part of ["gizmo ", "the gizmo ", "gizmo, ", "gizmo's ", "the old ", "gizmo-", "a' "])
      read(part.repeat(4000 / part.length));
  });
});
