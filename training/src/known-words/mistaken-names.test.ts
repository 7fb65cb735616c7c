import { describe, expect, it } from "vitest";
import { mistakenNames } from "./mistaken-names.js";

type Line = readonly [source: string, reference: string, translation: string];

const mistakenOf = (lines: readonly Line[]) => [
  ...mistakenNames({
    sources: lines.map(([source]) => source),
    references: lines.map(([, reference]) => reference),
    translations: lines.map(([, , translation]) => translation),
  }),
];
/** Lines with what a name is judged by: the words that all sentences share keep close to none. */
const others: Line[] = Array.from({ length: 8 }, (_, k) => [`I see it ${"x".repeat(k)}.`, "Je vis à.", "Je vis à."]);

describe("names that a model has seen and not learned", () => {
  const inOslo = (translation: string): Line => ["I live in Oslo.", "Je vis à Oslo.", translation];
  const right = inOslo("Je vis à Oslo.");
  const wrong = inOslo("Je vis à Osaka.");

  it("are those of which translations mostly lack what the references have", () => {
    expect(mistakenOf([...others, wrong, wrong])).toEqual(["Oslo"]);
    expect(mistakenOf([...others, wrong, wrong, right])).toEqual(["Oslo"]);
    expect(mistakenOf([...others, wrong, right])).toEqual([]);
  });

  it("are found by what people write for them, in any case and in any script", () => {
    const moscow = (translation: string): Line => ["Moscow is big.", "MOSCOU est grande.", translation];
    const grande = Array.from({ length: 4 }, (): Line => ["It is big.", "C'est grande.", "C'est grande."]);
    expect(mistakenOf([...others, ...grande, moscow("Moscou est grande."), moscow("Moscou est grande.")])).toEqual([]);
    const said = ["東京に行く。", "東京に行く。"];
    const inJapanese = said.map((text): Line => ["I go to Oslo.", "オスロに行く。", text]);
    const tokyo = Array.from({ length: 4 }, (): Line => ["I go there.", "そこに行く。", "そこに行く。"]);
    expect(mistakenOf([...tokyo, ...inJapanese])).toEqual(["Oslo"]);
  });

  it("where several words keep as close, are judged by their own, else by the mean of all", () => {
    const smith: Line = ["Smith is a doctor.", "Smith est médecin.", "Jean est médecin."];
    expect(mistakenOf([...others, smith, smith])).toEqual(["Smith"]);
    const half: Line = ["Deng is a chef.", "un deux trois quatre", "un deux"];
    const quarter: Line = ["Wang is a chef.", "un deux trois quatre", "un"];
    expect(mistakenOf([half, half])).toEqual([]);
    expect(mistakenOf([quarter, quarter])).toEqual(["Wang"]);
  });

  it("are no words that are also written small, none that are everywhere, and none of a single line", () => {
    const dog: Line = ["Dogs bark.", "Le chien aboie.", "Il pleut."];
    expect(mistakenOf([...others, dog, dog, ["two dogs", "deux chiens", "deux"]])).toEqual([]);
    expect(mistakenOf([...others, wrong])).toEqual([]);
    expect(mistakenOf([...others, ...Array.from({ length: 41 }, () => wrong)])).toEqual([]);
  });

  it("are not judged where nothing keeps close to them", () => {
    const lines = ["un", "deux", "trois", "quatre"].map((word): Line => ["Ruth sings.", `Elle ${word}.`, "Il dort."]);
    const she = Array.from({ length: 12 }, (): Line => ["She sings.", "Elle chante.", "Elle chante."]);
    expect(mistakenOf([...she, ...lines])).toEqual([]);
  });
});
