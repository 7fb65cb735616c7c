import { describe, expect, it } from "vitest";
import { madeUpUnit } from "./made-up-units.js";
import { placeByAlignment } from "./place.js";
import type { Span } from "./span.js";

const unitIn = (text: string, { text: written, number }: { text: string; number?: string }) => {
  const standIn = { forms: ["5"], foreign: false, ...(number === undefined ? {} : { number }) };
  const { start, end } = madeUpUnit(text, text.indexOf("5") + 1, { text: written, standIn });
  return text.slice(start, end);
};

describe("a unit that a model made up behind a number", () => {
  it.each([
    ["Il pèse 5 ans.", " ans"],
    ["Nous avons marché 5 heures ici.", " heures"],
    ["道は5年です。", "年"],
    ["気温は5歳だ。", "歳"],
    ["5月です。", "月"],
    ["5月曜日", ""],
    ["He is 5 years old.", " years old"],
    ["Il a 5 anses.", ""],
    ["Il pèse 5.", ""],
    ["Il a 5 chats.", ""],
  ])("in %s is %j", (text, unit) => {
    expect(unitIn(text, { text: "5 km", number: "5" })).toBe(unit);
  });

  it("is the number's own where it has no other, and none is a number", () => {
    expect(unitIn("Il a 5 ans.", { text: "5", number: "5" })).toBe("");
    expect(unitIn("Il a 5 ans.", { text: "1,234–5.0", number: "5" })).toBe("");
    expect(unitIn("Il a 5 ans.", { text: "{n}" })).toBe("");
  });

  it("gives way to the number's, but where something that stays is in it", () => {
    const instead = { text: "5 km", standIn: { forms: ["5"], foreign: false, number: "5" } };
    const span: Span = { start: 0, end: 1, before: "", after: "", children: [], instead };
    const written = (closed: { start: number; end: number }[]) =>
      placeByAlignment("Il y a 5 ans.", {
        spans: [span],
        aligned: { source: [], target: [], weights: [] },
        write: ({ start, end }) => "Il y a 5 ans.".slice(start, end),
        closed,
      });
    expect(written([])).toBe("Il y a 5 km.");
    expect(written([{ start: 9, end: 12 }])).toBe("Il y a 5 km ans.");
  });
});
