import { type Languages, primaryLanguage } from "../../languages.js";
import { formsIn, UnusedWords, type UnusedWordsOptions, type WordInstead } from "./unused-words.js";

/** What can be counted is one or many. */
export type NounNumber = "one" | "many" | "mass";

export interface NounKind {
  readonly number: NounNumber;
  /** What it begins with, where the source says so: "an" stands in front of a vowel. */
  readonly initial?: Initial;
}

export type Initial = "vowel" | "consonant";

/** Languages in which the article of one thing loses its own vowel in front of another: l'avion. */
const ELIDING = new Set(["fr"]);

interface KnownNoun {
  readonly initial: Initial;
  /** As languages write it: one, many, and other ways of a script without either; of what is not counted only the first. */
  readonly forms: Readonly<Record<string, readonly string[]>>;
}

/** Nouns that models translate in one way whatever is around them, masculine in French, the most reliable first. */
const COUNTED: readonly KnownNoun[] = [
  { initial: "consonant", forms: { en: ["pencil", "pencils"], fr: ["crayon", "crayons"], ja: ["鉛筆"] } },
  { initial: "vowel", forms: { en: ["airplane", "airplanes"], fr: ["avion", "avions"], ja: ["飛行機"] } },
  { initial: "consonant", forms: { en: ["taxi", "taxis"], fr: ["taxi", "taxis"], ja: ["タクシー"] } },
  { initial: "vowel", forms: { en: ["egg", "eggs"], fr: ["œuf", "œufs"], ja: ["卵", "玉子", "たまご"] } },
  {
    initial: "consonant",
    forms: { en: ["restaurant", "restaurants"], fr: ["restaurant", "restaurants"], ja: ["レストラン"] },
  },
  { initial: "vowel", forms: { en: ["actor", "actors"], fr: ["acteur", "acteurs"], ja: ["俳優", "役者"] } },
  { initial: "consonant", forms: { en: ["horse", "horses"], fr: ["cheval", "chevaux"], ja: ["馬"] } },
];

const MASSES: readonly KnownNoun[] = [
  { initial: "consonant", forms: { en: ["bread"], fr: ["pain"], ja: ["パン"] } },
  { initial: "vowel", forms: { en: ["alcohol"], fr: ["alcool"], ja: ["アルコール", "お酒"] } },
  { initial: "consonant", forms: { en: ["wine"], fr: ["vin"], ja: ["ワイン"] } },
  { initial: "consonant", forms: { en: ["salt"], fr: ["sel"], ja: ["塩"] } },
];

/** Chooses nouns that a model has seen, each once. */
export class KnownNouns {
  private readonly counted: UnusedWords<KnownNoun>;
  private readonly masses: UnusedWords<KnownNoun>;
  private readonly languages: Languages;

  constructor(options: UnusedWordsOptions) {
    this.counted = new UnusedWords(COUNTED, options);
    this.masses = new UnusedWords(MASSES, options);
    this.languages = options.languages;
  }

  /** Whether they are written in a language. */
  static has(language: string): boolean {
    return primaryLanguage(language) in COUNTED[0]!.forms;
  }

  /**
   * One of the kind, or with another beginning; nothing when all are used up.
   * @param noun that it is to stand for
   */
  next(noun: string, { number, initial }: NounKind): WordInstead | undefined {
    const { source, target } = this.languages;
    const elided = number !== "many" && ELIDING.has(primaryLanguage(target)) ? initialOf(noun) : undefined;
    const words = number === "mass" ? this.masses : this.counted;
    const chosen = words.take(
      (known) => known.initial === (initial ?? elided ?? "consonant"),
      () => true,
    );
    if (!chosen) return undefined;
    const [one = "", many = one] = formsIn(chosen, source);
    const forms = formsIn(chosen, target);
    return number === "many" ? { word: many, forms: forms.toReversed() } : { word: one, forms };
  }
}

export function initialOf(word: string): Initial {
  return /^[aeiou]/i.test(word.normalize("NFD")) ? "vowel" : "consonant";
}
