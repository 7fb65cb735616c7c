import { type Languages, primaryLanguage } from "../../languages.js";

/** What languages count large numbers in. */
const SCALES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  en: { thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12 },
  ja: { 千: 1e3, 万: 1e4, 億: 1e8, 兆: 1e12 },
};

/** Marks between thousands; what stands before decimals is a point where it is a comma, else a comma. */
const GROUPS: Readonly<Record<string, string>> = {
  ...{ en: ",", ja: ",", zh: ",", ko: "," },
  ...{ de: ".", es: ".", it: ".", nl: ".", pt: ".", fr: "\u202f" },
};

/** Words for powers of ten, by which a number in figures is multiplied. */
export function scalesOf(language: string): Readonly<Record<string, number>> {
  return SCALES[primaryLanguage(language)] ?? {};
}

/** 1億2000万 → 120,000,000. Not a number where it is none: 1–2 million. */
export function amountIn(written: string, language: string): number {
  const scales = scalesOf(language);
  const word = new RegExp(Object.keys(scales).join("|"), "g");
  const parts = written.match(/[^\p{L}]+\p{L}+/gu)!.map((part) => {
    const [, number, words] = /^(\d+(?:,\d{3})*(?:\.\d+)?)[\s-]?(\p{L}+)$/u.exec(part) ?? [];
    if (number === undefined) return Number.NaN;
    return words!.match(word)!.reduce((value, scale) => value * scales[scale]!, Number(number.replaceAll(",", "")));
  });
  return parts.reduce((sum, part) => sum + part, 0);
}

const IN_GROUPS = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });

/** With the language's marks between thousands. */
export function inFigures(amount: number, language: string): string {
  return IN_GROUPS.format(amount).replaceAll(",", GROUPS[primaryLanguage(language)] ?? ",");
}

/** With the target language's marks between thousands, where the source has its own: 3,000 is three in French. */
export function localized(number: string, { source, target }: Languages): string {
  const [from, to] = [GROUPS[primaryLanguage(source)], GROUPS[primaryLanguage(target)]];
  if (from === undefined || to === undefined || from === to) return number;
  const [thousands, point] = from === "\u202f" ? ["[ \u00a0\u2009\u202f]", ","] : [`\\${from}`, pointBeside(from)];
  if (!new RegExp(`^\\D?\\d{1,3}(?:${thousands}\\d{3})+(?:\\${point}\\d+)?$`).test(number)) return number;
  const [whole, decimals] = number.split(point);
  const written = whole!.replaceAll(new RegExp(thousands, "g"), to);
  return decimals === undefined ? written : written + pointBeside(to) + decimals;
}

function pointBeside(mark: string): string {
  return mark === "," ? "." : ",";
}
