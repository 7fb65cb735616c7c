import type { MayCut } from "./segments.js";

/** Emoji, keycaps, flags, arrows, bullets, stars and notes; not ™, which belongs to a word, nor ⁉, which ends a sentence. */
const ORNAMENT = String.raw`(?![©®™‼⁉])\p{Extended_Pictographic}|[\d#*]\ufe0f?\u20e3|[\p{Regional_Indicator}\u2022\u2023\u203b\u25e6\u2190-\u21ff\u25a0-\u27bf\u2b00-\u2bff]`;
/** What follows one and makes another of it. */
const MODIFIER = String.raw`[\p{Emoji_Modifier}\u200d\ufe0e\ufe0f\u20e3\u{e0020}-\u{e007f}]`;
const ORNAMENTS = new RegExp(String.raw`(?:${ORNAMENT})(?:${MODIFIER}|\s*(?:${ORNAMENT}))*`, "gu");

/** The stretches of a line that are ornaments, and those between. A model makes words of them. */
export function apartFromOrnaments(line: string, mayCut: MayCut): string[] {
  const cuts = [...line.matchAll(ORNAMENTS)].flatMap(({ 0: { length }, index }) => [index, index + length]);
  const ends = [...cuts.filter(mayCut), line.length];
  return ends.map((end, k) => line.slice(ends[k - 1] ?? 0, end)).filter((stretch) => stretch !== "");
}
