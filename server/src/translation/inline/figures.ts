import { byLanguage, type Languages } from "../../languages.js";
import { demandsOf } from "../terms/demands.js";
import { overlaps } from "../terms/occurrences.js";
import type { Term } from "../terms/term.js";
import { amountIn, inFigures, localized, scalesOf } from "./amounts.js";
import type { PiecePlace } from "./attention.js";
import { CODE, NUMBERED_CODE, SIGN_OF_CODE } from "./codes.js";
import { formsOfNumber, KnownNumbers } from "./known-numbers.js";
import { Protector } from "./placeholders.js";
import type { Encode, InlineText } from "./span.js";
import { openPlaces, type Substitute, substituted } from "./substitutes.js";
import { type Half, timeOfDay } from "./time-of-day.js";

const DIGIT = "[0-9０-９]";
/** Behind no Latin letter, and not in a number. */
const BEGIN = `(?<![\\w０-９])(?<!${DIGIT}[.,:/．，：／])`;
/** +1 (555) 123-4567, 01 23 45 67 89, 12/05/2026, 2.0.1. */
const PARTS =
  `${BEGIN}(?:(?:\\+?(?:\\d{1,3}[ .-]?)?\\(\\d{1,5}\\)|\\+\\d{1,4})(?:[ .-]?\\d{1,5}){1,6}|` +
  `\\d{2}(?: \\d{2}){3,6}(?!\\d)|${DIGIT}+(?:[-./:－／：]${DIGIT}+){2,})`;
/** 2027, -40, 3,000, 1.234,56, 1 234,5, 10:30, 1914–1918, 1/2. */
const NUMBER =
  `(?:(?<![\\p{sc=Latn}\\p{N}])[-−－+＋±])?${BEGIN}` +
  `(?:${DIGIT}{1,3}(?:[ \\u00a0\\u2009\\u202f]${DIGIT}{3}(?!${DIGIT})){1,5}(?:,${DIGIT}+)?|` +
  `${DIGIT}+(?:[.,:/．，：／–~〜～-]${DIGIT}+)*)`;
/** 10:30 a.m., 3pm; of p.m. at the end the point is the sentence's. */
const CLOCK =
  `${BEGIN}(?<clock>\\d{1,2}(?::\\d\\d)?)\\s?` +
  "(?<half>(?:[ap]\\.m|[AP]\\.M)(?:\\.(?!\\s*$)|(?=\\.))|(?:[ap]m|[AP]M)(?!\\w))";
/** 21st. */
const ORDINAL = `${BEGIN}(?<ordinal>\\d{2,9})(?:st|nd|rd|th)(?!\\w)`;
/** 10時30分, 午後10時半. */
const TIME = `(?<noon>午[前後])?(?<hour>${DIGIT}{1,2})時(?:(?<minute>${DIGIT}{1,2})分|半)`;

interface FigureOptions {
  readonly languages: Languages;
  /** They hold for the numbers and the code in them; in the midst of code there is none. */
  readonly terms: readonly Term[];
  readonly encode: Encode;
}

/**
 * Puts numbers that every corpus knows in place of those of two digits or more, and names in place of codes and dates: a model
 * spells at random what it has not seen. What is a placeholder already stays.
 */
export function withFigures(inline: InlineText, { languages, terms, encode }: FigureOptions): InlineText {
  const { text } = inline;
  const mayHaveCode = SIGN_OF_CODE.test(text);
  if (!mayHaveCode && !/[\d０-９]/.test(text)) return inline;
  const isOpen = openPlaces(inline, []);
  const demands = demandsOf(text, terms, []);
  const standIns = new StandIns(text, { languages, encode });
  const { all, numbered } = searchFor(languages.source);
  const figures = [...text.matchAll(mayHaveCode ? all : numbered)].flatMap((match): Substitute[] => {
    const place = { start: match.index, end: match.index + match[0].length };
    const isCode = match.groups!.code !== undefined;
    const isTerm = demands.some((demand) => overlaps(demand, place) && !(isCode && isPartOf(demand, place)));
    const isMonth = /^1[0-2]月/.test(match[0].normalize("NFKC") + text.slice(place.end));
    const standIn = isOpen(place) && !isTerm && !isMonth ? standIns.of(match) : undefined;
    return standIn ? [{ ...place, ...standIn }] : [];
  });
  return substituted(inline, figures);
}

function isPartOf(part: PiecePlace, whole: PiecePlace): boolean {
  return whole.start <= part.start && part.end <= whole.end && part.end - part.start < whole.end - whole.start;
}

const searchFor = byLanguage((language) => {
  const words = Object.keys(scalesOf(language)).join("|");
  const scaled = words && `(?<scaled>(?:${NUMBER}[ \\u00a0-]?(?:${words})+(?![A-Za-z]))+(?![百千万億兆]|${DIGIT}))|`;
  const search = (code: string) =>
    new RegExp(`${scaled}${CLOCK}|${ORDINAL}|${TIME}|(?<code>${code}|${PARTS})|(?<number>${NUMBER}(?!${DIGIT}))`, "gu");
  // looking for all code takes several times as long
  return { all: search(CODE), numbered: search(NUMBERED_CODE) };
});

type StandingIn = Pick<Substitute, "word" | "instead">;

interface Writing {
  /** How a number is written in the source. */
  readonly write?: (known: string) => string;
  readonly text?: string;
  readonly untranslated?: string;
}

class StandIns {
  private readonly names: Protector;
  private readonly known: KnownNumbers;

  constructor(
    text: string,
    private readonly options: Pick<FigureOptions, "languages" | "encode">,
  ) {
    this.names = new Protector({ text, ...options });
    this.known = new KnownNumbers(text);
  }

  /** Nothing for what a model says in words: numbers of one digit. */
  of({ 0: match, groups }: RegExpMatchArray): StandingIn | undefined {
    const written = match.normalize("NFKC");
    const { scaled, clock, half, ordinal, noon, hour, minute = "30", code } = groups!;
    if (code !== undefined) {
      const { text: word, spans } = this.names.opaque(this.options.encode(match));
      return { word, instead: spans[0]!.instead! };
    }
    if (clock !== undefined) {
      const time = clock.includes(":") ? clock : `${clock}:00`;
      return this.timeOfDay(time, { half: /a/i.test(half!) ? "am" : "pm" }, written);
    }
    if (ordinal !== undefined) return this.number(ordinal, { write: (known) => `${known}th` });
    if (hour !== undefined) {
      const time = `${hour}:${minute.padStart(2, "0")}`.normalize("NFKC");
      const write = (known: string) => `${known.replace(":", "時")}分`;
      return noon === undefined
        ? this.number(time, { write })
        : this.timeOfDay(time, { half: noon === "午前" ? "am" : "pm", write });
    }
    if (scaled === undefined)
      return /\d\D*\d/.test(written) ? this.number(written, { untranslated: match }) : undefined;
    const amount = amountIn(written, this.options.languages.source);
    return Number.isNaN(amount) ? undefined : this.number(inFigures(amount, this.options.languages.source));
  }

  /** @param otherwise is kept of what is no time of day */
  private timeOfDay(time: string, { half, ...writing }: Writing & { half: Half }, otherwise = time): StandingIn {
    const [hour, minute] = time.split(":") as [string, string];
    const text =
      timeOfDay({ hour: Number(hour), minute: Number(minute), half }, this.options.languages.target) ?? otherwise;
    return this.number(time, { ...writing, text });
  }

  private number(number: string, writing: Writing = {}): StandingIn {
    const { write = (known) => known, text = localized(number, this.options.languages), untranslated = text } = writing;
    const known = this.known.for(number);
    const word = write(known);
    const standIn = {
      forms: [...new Set([word, ...formsOfNumber(known, this.options.languages.target)])],
      foreign: known !== text,
      number: text,
    };
    return { word, instead: { text, standIn, untranslated } };
  }
}
