import { primaryLanguage } from "../languages.js";

/** How a language writes marks around what is said, in front of it and in front of a list. */
export interface Marks {
  readonly opening: string;
  readonly closing: string;
  readonly comma: string;
  readonly introducing: string;
  readonly colon: string;
}

const KEYBOARD: Marks = { opening: '"', closing: '"', comma: ",", introducing: ",", colon: ":" };
const MARKS: Readonly<Record<string, Marks>> = {
  fr: { opening: "« ", closing: " »", comma: ",", introducing: " :", colon: " :" },
  de: { opening: "„", closing: "“", comma: ",", introducing: ":", colon: ":" },
  ja: { opening: "「", closing: "」", comma: "、", introducing: "、", colon: "：" },
  zh: { opening: "“", closing: "”", comma: "，", introducing: "：", colon: "：" },
};

export function marksOf(language: string): Marks {
  return MARKS[primaryLanguage(language)] ?? KEYBOARD;
}
