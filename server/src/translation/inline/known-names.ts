import type { KnownWords } from "@carousel/bundle";
import type { Languages } from "../../languages.js";
import { formsIn, UnusedWords, type UnusedWordsOptions, type WordInstead, wordsOf } from "./unused-words.js";

export type NameKind = "man" | "woman" | "place";

interface KnownName {
  readonly kind: NameKind;
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

/** Chooses names that a model has seen, each once. */
export class KnownNames {
  private readonly unused: UnusedWords<KnownName>;
  private readonly languages: Languages;

  constructor(options: UnusedWordsOptions) {
    this.unused = new UnusedWords(NAMES, options);
    this.languages = options.languages;
  }

  /** Whether words have the best known man's name and place of a language. */
  static areIn(words: KnownWords, language: string): boolean {
    const kinds: readonly NameKind[] = ["man", "place"];
    const best = kinds.map((kind) => NAMES.find((name) => name.kind === kind)!);
    return best.flatMap((name) => formsIn(name, language)).every((word) => words.has(word));
  }

  /**
   * One that stands in the name itself, or one of the kind, if any is left; nothing when all are used up.
   * @param name that it is to stand for
   */
  next({ name = "", kind }: { name?: string; kind?: NameKind | undefined } = {}): WordInstead | undefined {
    const { source, target } = this.languages;
    const own = new Set(wordsOf(name));
    const chosen = this.unused.take(
      (known) => formsIn(known, source).some((word) => own.has(word)),
      (known) => known.kind === kind,
      () => true,
    );
    if (!chosen) return undefined;
    const [word = ""] = formsIn(chosen, source);
    return { word, forms: [...new Set([...formsIn(chosen, target), chosen.forms.en!, word])] };
  }
}
