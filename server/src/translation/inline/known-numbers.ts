import { primaryLanguage } from "../../languages.js";

/** Numbers that every corpus knows, by what they are like. */
const KNOWN: readonly { readonly like: RegExp; readonly numbers: readonly string[] }[] = [
  { like: /^\d{1,2}:\d\d$/, numbers: ["2:30", "7:30", "8:30", "10:30"] },
  { like: /^(?:1\d|20)\d\d$/, numbers: ["1990", "1980", "1998", "1950", "1970"] },
  { like: /^1[0-2]$/, numbers: ["10", "11", "12"] },
  { like: /^\D?\d$/, numbers: [] },
  { like: /^/, numbers: ["30", "20", "50", "40", "15", "25"] },
];

/** As languages spell them. */
const SPELLED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  en: { 10: "ten", 11: "eleven", 12: "twelve", 15: "fifteen", 20: "twenty", 30: "thirty", 40: "forty", 50: "fifty" },
  fr: { 10: "dix", 11: "onze", 12: "douze", 15: "quinze", 20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante" },
  ja: { 10: "十", 11: "十一", 12: "十二", 15: "十五", 20: "二十", 30: "三十", 40: "四十", 50: "五十" },
};

/** Chooses numbers that a model has seen, each once, in place of those of a text. */
export class KnownNumbers {
  private used: Set<string> | undefined;

  /** @param text all that they are going to stand in: numbers in it are not used for others */
  constructor(private readonly text: string) {}

  /** Itself, where it is known, or none is left. */
  for(number: string): string {
    this.used ??= new Set(this.text.normalize("NFKC").match(/\d+(?:[.,:]\d+)*/g));
    const { used } = this;
    const { numbers } = KNOWN.find(({ like }) => like.test(number))!;
    const known = numbers.includes(number) ? number : (numbers.find((n) => !used.has(n)) ?? number);
    used.add(known);
    return known;
  }
}

/** How a translation may write a number. @param language BCP 47 */
export function formsOfNumber(number: string, language: string): string[] {
  const spelled = SPELLED[primaryLanguage(language)]?.[number];
  return spelled === undefined ? [number] : [number, spelled, spelled[0]!.toUpperCase() + spelled.slice(1)];
}
