import { byLanguage } from "../../languages.js";
import type { PiecePlace } from "./attention.js";

/** Scripts for which ISO 15924 has one name together. */
const TOGETHER: Readonly<Record<string, readonly string[]>> = {
  Jpan: ["Han", "Hira", "Kana"],
  Kore: ["Hang", "Han"],
  Hans: ["Han"],
  Hant: ["Han"],
};

/**
 * Stretches in scripts that the language is not written in, as in "The word привет". Latin letters are foreign to none: all
 * languages borrow them.
 * @param language BCP 47
 */
export function foreignWords(text: string, language: string): PiecePlace[] {
  const found = text.matchAll(patternOf(language) ?? /(?!)/g);
  return Array.from(found, ({ 0: { length }, index }) => ({ start: index, end: index + length }));
}

const patternOf = byLanguage((language) => {
  const { script } = new Intl.Locale(language).maximize();
  if (!script) return undefined;
  const own = [...(TOGETHER[script] ?? [script]), "Latn", "Zyyy", "Zinh"];
  const letter = String.raw`(?!${own.map((name) => String.raw`\p{scx=${name}}`).join("|")})\p{L}`;
  const word = String.raw`(?:${letter}\p{M}*)+`;
  // not of a compound: β-carotene
  const before = String.raw`(?<!${letter}|[\p{M}\p{sc=Latn}\p{Nd}]-?)`;
  const behind = String.raw`(?!${letter}|\p{M}|-?[\p{sc=Latn}\p{Nd}])`;
  return new RegExp(String.raw`${before}${word}(?:[ \u00a0\u3000・'’-]${word})*${behind}`, "gu");
});
