import { wordsIn } from "@carousel/bundle";
import { type Languages, primaryLanguage } from "../../languages.js";

/** A word that is translated in place of another. */
export interface WordInstead {
  /** As the source writes it. */
  readonly word: string;
  /** How translations may write it. */
  readonly forms: readonly string[];
}

/** A word that every corpus knows. */
interface InLanguages {
  /** As languages write it: in the first way, or in others. */
  readonly forms: Readonly<Record<string, string | readonly string[]>>;
}

export interface UnusedWordsOptions {
  /** All that they are going to stand in: those in it are not used for others. */
  readonly text: string;
  readonly languages: Languages;
  /** Whether the model knows a word of the source; all of them when absent. */
  readonly isKnown?: (word: string) => boolean;
}

/** Words of a list, each of which is used once, the first of them first. */
export class UnusedWords<W extends InLanguages> {
  private left: W[] | undefined;

  constructor(
    private readonly list: readonly W[],
    private readonly options: UnusedWordsOptions,
  ) {}

  /** The first that meets the first of some wishes that any meets. */
  take(...wishes: readonly ((word: W) => boolean)[]): W | undefined {
    this.left ??= this.usable();
    const { left } = this;
    for (const wish of wishes) {
      const at = left.findIndex(wish);
      if (at >= 0) return left.splice(at, 1)[0];
    }
    return undefined;
  }

  private usable(): W[] {
    const { text, languages, isKnown = () => true } = this.options;
    const words = new Set(wordsOf(text));
    const isThere = (form: string) => words.has(form) || (!/\p{LC}/u.test(form) && text.includes(form));
    return this.list.filter((word) => {
      const all = Object.values(word.forms).flat();
      return formsIn(word, languages.source).every(isKnown) && !all.some(isThere);
    });
  }
}

/** In English where nobody has written it in a language. */
export function formsIn({ forms }: InLanguages, language: string): readonly string[] {
  return [forms[primaryLanguage(language)] ?? forms.en!].flat();
}

export function wordsOf(text: string): string[] {
  return [...wordsIn(text)].map(({ word }) => word);
}
