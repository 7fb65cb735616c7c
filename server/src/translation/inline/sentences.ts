import type { KnownWords } from "@carousel/bundle";
import type { Languages } from "../../languages.js";
import type { Hypothesis, SegmentResult } from "../../queue/port.js";
import { reassemble, segmentText } from "../segments.js";
import { type Demand, demandsOf, isAtBeginning } from "../terms/demands.js";
import { placesOfDemands } from "../terms/target-forms.js";
import type { Term, TermViolation } from "../terms/term.js";
import { aligned } from "./attention.js";
import { withFigures } from "./figures.js";
import { cutSpans, type PartOfSpan } from "./parts.js";
import { placeAsIs, placeByAlignment, placeholdersOf } from "./place.js";
import type { Encode, InlineText } from "./span.js";
import type { GivenPlace } from "./stand-ins.js";

/** A sentence to translate. */
export interface Sentence {
  readonly text: string;
  /** Tags and placeholders in it; with any, its translation must come with its alignment. */
  readonly spans: readonly PartOfSpan[];
  /** Terms in it, which its translation must have. */
  readonly demands: readonly Demand[];
}

interface Part extends Sentence {
  readonly kind: "segment" | "separator";
  readonly isTranslated: boolean;
}

export interface SentencesOptions {
  readonly languages: Languages;
  readonly terms: readonly Term[];
  /** Those that the model has seen in training; absent where nobody knows. */
  readonly words?: KnownWords | undefined;
  /** How long a segment of a sentence may be, in characters; LONGEST_SEGMENT when absent. */
  readonly longest?: (sentence: string) => number;
}

/** What a worker said of a sentence: one of its hypotheses. */
export interface TranslatedSentence {
  readonly hypothesis: Hypothesis;
  readonly sourcePieces: SegmentResult["sourcePieces"];
  /** What in it the request gave. */
  readonly given: readonly GivenPlace[];
}

/** A text cut into sentences, which are put together again when they are translated. */
export class Sentences {
  private readonly parts: readonly Part[];
  private readonly languages: Languages;
  /** Sentences that were too long for one segment. */
  readonly splitSentences: number;
  /** Terms that no translation can have: they are in nothing that is translated, had to be cut, or are units of numbers that stay. */
  private readonly unmet: readonly Demand[];

  constructor(inline: InlineText, { languages, terms, longest }: SentencesOptions) {
    const { text, spans } = withFigures(inline, { languages, terms });
    const placeholders = placeholdersOf(spans);
    const demands = demandsOf(text, terms, placeholders);
    const { parts, splitSentences } = segmentText(text, languages.source, { longest, whole: demands });
    this.splitSentences = splitSentences;
    const cut = cutSpans(
      spans,
      parts.map((part) => part.text.length),
    );
    this.languages = languages;
    const demanded = demandsIn(parts, demands);
    this.parts = parts.map((part, k) => {
      const sentence = { text: part.text, spans: cut[k]! };
      const isTranslated = part.kind === "segment" && hasWords(sentence);
      return { ...sentence, demands: demanded.of[k]!, kind: part.kind, isTranslated };
    });
    const untranslated = this.parts.flatMap((part) => (part.isTranslated ? [] : lacking(part.text, part.demands)));
    // "km" in "5 km", which stays as it is
    const kept = placeholders.flatMap(({ instead }) => (instead!.standIn.number === undefined ? [] : [instead!.text]));
    this.unmet = [
      ...demanded.broken,
      ...untranslated,
      ...kept.flatMap((number) => lacking(number, demandsOf(number, terms, []))),
    ];
  }

  /** What is to be translated, in order. */
  get sentences(): readonly Sentence[] {
    return this.parts.filter((part) => part.isTranslated);
  }

  /** Terms that the translations lack. */
  violations(translated: readonly TranslatedSentence[]): TermViolation[] {
    const missing = this.sentences.flatMap(({ demands }, k) => lacking(translated[k]!.hypothesis.text, demands));
    return [...missing, ...this.unmet].map(({ term, written }) => {
      return { source: term.source, target: term.target, written };
    });
  }

  /** The text in the target language. */
  write(translated: readonly TranslatedSentence[], encode: Encode): string {
    let next = 0;
    const written = this.parts.map((part) => ({
      kind: part.kind,
      text: part.isTranslated
        ? translation(part, translated[next++]!, encode)
        : placeAsIs(part.text, part.spans, encode),
    }));
    return reassemble(written, this.languages.target);
  }
}

function translation(
  { text, spans, demands }: Sentence,
  { hypothesis, sourcePieces, given }: TranslatedSentence,
  encode: Encode,
): string {
  if (spans.length === 0) return encode(hypothesis.text);
  const pieces = hypothesis.tokens.map(({ piece }) => piece);
  const source = { pieces: sourcePieces ?? [], text };
  const alignment = aligned(source, { pieces, text: hypothesis.text }, hypothesis.alignment ?? []);
  const terms = placesOfDemands(hypothesis.text, demands).filter((place) => place !== undefined);
  const closed = [...given, ...terms];
  return placeByAlignment(hypothesis.text, { spans, aligned: alignment, encode, closed });
}

/** The demands that a text does not meet. */
function lacking(text: string, demands: readonly Demand[]): Demand[] {
  const places = placesOfDemands(text, demands);
  return demands.filter((_, k) => !places[k]);
}

/** The demands of each part, by their places in it, and those that lie in none. @param demands by their places in the text */
function demandsIn(parts: readonly { readonly text: string }[], demands: readonly Demand[]) {
  const broken: Demand[] = [];
  let [end, next] = [0, 0];
  const of = parts.map(({ text }) => {
    const start = end;
    end += text.length;
    const own: Demand[] = [];
    for (; next < demands.length && demands[next]!.start < end; next++) {
      const demand = demands[next]!;
      if (demand.end <= end) own.push(demandAt(text, demand, demand.start - start));
      else broken.push(demand);
    }
    return own;
  });
  return { of, broken };
}

function demandAt(text: string, found: Demand, start: number): Demand {
  return { ...found, start, end: start + found.end - found.start, isFirst: isAtBeginning(text, start) };
}

/** Whether there is a letter beside the placeholders. Of marks, digits and emoji alone a model makes up a sentence. */
function hasWords({ text, spans }: Pick<Sentence, "text" | "spans">): boolean {
  const rest = placeholdersOf(spans).reduceRight(
    (rest, { start, end }) => rest.slice(0, start) + rest.slice(end),
    text,
  );
  return /\p{L}/u.test(rest);
}
