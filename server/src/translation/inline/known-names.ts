import { wordsIn } from "@carousel/bundle";
import { type Languages, primaryLanguage } from "../../languages.js";
import type { StandIn } from "./span.js";

export type Kind = "man" | "woman" | "place";

interface KnownName {
  readonly kind: Kind;
  /** As languages write it. */
  readonly forms: Readonly<Record<string, string>>;
}

/** Names that every corpus knows, the best known first. */
const NAMES: readonly KnownName[] = [
  { kind: "man", forms: { ja: "トム", zh: "汤姆", ko: "톰", ru: "Том", en: "Tom" } },
  { kind: "woman", forms: { ja: "メアリー", zh: "玛丽", ko: "메리", ru: "Мэри", fr: "Marie", en: "Mary" } },
  { kind: "man", forms: { ja: "ジョン", zh: "约翰", ko: "존", ru: "Джон", fr: "Jean", en: "John" } },
  { kind: "woman", forms: { ja: "アリス", zh: "爱丽丝", ko: "앨리스", ru: "Алиса", en: "Alice" } },
  { kind: "place", forms: { ja: "東京", zh: "东京", ko: "도쿄", ru: "Токио", de: "Tokio", es: "Tokio", en: "Tokyo" } },
  { kind: "place", forms: { ja: "ボストン", zh: "波士顿", ko: "보스턴", ru: "Бостон", en: "Boston" } },
  { kind: "place", forms: { ja: "大阪", zh: "大阪", ko: "오사카", ru: "Осака", en: "Osaka" } },
  { kind: "place", forms: { ja: "京都", zh: "京都", ko: "교토", ru: "Киото", de: "Kioto", es: "Kioto", en: "Kyoto" } },
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

  /**
   * One that stands in the name itself, or one of the kind, if any is left; nothing when all are used up.
   * @param name that it is to stand for
   */
  next({ name = "", kind }: { name?: string; kind?: Kind } = {}): NameInstead | undefined {
    this.left ??= this.usable();
    const { source, target } = this.options.languages;
    const own = new Set(wordsOf(name));
    const chosen =
      this.left.find((known) => own.has(inLanguage(known, source))) ??
      this.left.find((known) => known.kind === kind) ??
      this.left[0];
    if (!chosen) return undefined;
    this.left.splice(this.left.indexOf(chosen), 1);
    const word = inLanguage(chosen, source);
    return { word, forms: [...new Set([inLanguage(chosen, target), chosen.forms.en!, word])] };
  }

  private usable(): KnownName[] {
    const { text, languages, isKnown = () => true } = this.options;
    const words = new Set(wordsOf(text));
    const isThere = (form: string) => words.has(form) || (wordsOf(form).length === 0 && text.includes(form));
    return NAMES.filter((name) => {
      return isKnown(inLanguage(name, languages.source)) && !Object.values(name.forms).some(isThere);
    });
  }
}

function inLanguage({ forms }: KnownName, language: string): string {
  return forms[primaryLanguage(language)] ?? forms.en!;
}

function wordsOf(text: string): string[] {
  return [...wordsIn(text)].map(({ word }) => word);
}
