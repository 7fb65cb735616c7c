import { wordsIn } from "@carousel/bundle";
import { type Languages, primaryLanguage } from "../../languages.js";
import type { StandIn } from "./span.js";

export type Gender = "feminine" | "masculine";

interface KnownName {
  readonly gender: Gender;
  /** As languages write it. */
  readonly forms: Readonly<Record<string, string>>;
}

/** Names that every corpus knows, the best known first. */
const NAMES: readonly KnownName[] = [
  { gender: "masculine", forms: { ja: "トム", zh: "汤姆", ko: "톰", ru: "Том", en: "Tom" } },
  { gender: "feminine", forms: { ja: "メアリー", zh: "玛丽", ko: "메리", ru: "Мэри", fr: "Marie", en: "Mary" } },
  { gender: "masculine", forms: { ja: "ジョン", zh: "约翰", ko: "존", ru: "Джон", fr: "Jean", en: "John" } },
  { gender: "feminine", forms: { ja: "アリス", zh: "爱丽丝", ko: "앨리스", ru: "Алиса", en: "Alice" } },
  { gender: "masculine", forms: { ja: "ボブ", zh: "鲍勃", ko: "밥", ru: "Боб", en: "Bob" } },
  { gender: "masculine", forms: { ja: "ケン", zh: "肯", ko: "켄", ru: "Кен", en: "Ken" } },
  { gender: "masculine", forms: { ja: "ビル", zh: "比尔", ko: "빌", ru: "Билл", en: "Bill" } },
];

export interface NameInstead {
  /** As the source writes it. */
  readonly word: string;
  readonly forms: StandIn["forms"];
}

interface KnownNamesOptions {
  /** All that they are going to stand in: names in it are not used for others. */
  readonly text: string;
  readonly languages: Languages;
  /** Whether the model knows a word of the source; all of them when absent. */
  readonly isKnown?: (word: string) => boolean;
}

/** Chooses names that a model has seen, each once. */
export class KnownNames {
  private left: KnownName[] | undefined;

  constructor(private readonly options: KnownNamesOptions) {}

  /** Nothing when all are used up. @param gender that it should have, if one is left that has */
  next(gender?: Gender): NameInstead | undefined {
    this.left ??= this.usable();
    const name = this.left.find((name) => name.gender === gender) ?? this.left[0];
    if (!name) return undefined;
    this.left.splice(this.left.indexOf(name), 1);
    const { source, target } = this.options.languages;
    const word = inLanguage(name, source);
    return { word, forms: [...new Set([inLanguage(name, target), name.forms.en!, word])] };
  }

  private usable(): KnownName[] {
    const { text, languages, isKnown = () => true } = this.options;
    const words = new Set([...wordsIn(text)].map(({ word }) => word));
    const isThere = (form: string) => words.has(form) || (!hasCase(form) && text.includes(form));
    return NAMES.filter((name) => {
      return isKnown(inLanguage(name, languages.source)) && !Object.values(name.forms).some(isThere);
    });
  }
}

function inLanguage({ forms }: KnownName, language: string): string {
  return forms[primaryLanguage(language)] ?? forms.en!;
}

function hasCase(word: string): boolean {
  return word.toLowerCase() !== word.toUpperCase();
}
