import type { KnownWords } from "@carousel/bundle";
import type { Languages } from "../../languages.js";
import type { Hypothesis, SegmentResult } from "../../queue/port.js";
import { reassemble } from "../reassemble.js";
import { type PartKind, segmentText } from "../segments.js";
import { type Demand, demandsOf, isAtBeginning } from "../terms/demands.js";
import { placesOfDemands } from "../terms/target-forms.js";
import type { Term, TermViolation } from "../terms/term.js";
import { aligned, type PiecePlace } from "./attention.js";
import { inCapitals, normalWriting } from "./capitals.js";
import { withFigures } from "./figures.js";
import { cutSpans, type PartOfSpan } from "./parts.js";
import { placeAsIs, placeByAlignment, placeholdersOf, type Write } from "./place.js";
import { withQuotedWords } from "./quoted-words.js";
import type { Encode, InlineText } from "./span.js";
import type { GivenPlace } from "./stand-ins.js";
import { withKnownWords } from "./unknown-words.js";

/** A sentence to translate. */
export interface Sentence {
  readonly text: string;
  /** As it was cut, with the names and the capitals that it was written with. */
  readonly written: string;
  /** Whether it was written in capitals, as its translation is going to be. */
  readonly isShouted: boolean;
  /** Tags and placeholders in it; with any, its translation must come with its alignment. */
  readonly spans: readonly PartOfSpan[];
  /** Terms in it, which its translation must have. */
  readonly demands: readonly Demand[];
}

interface Part extends Sentence {
  readonly kind: PartKind;
  readonly isTranslated: boolean;
}

export interface SentencesOptions {
  readonly languages: Languages;
  readonly terms: readonly Term[];
  readonly encode: Encode;
  /** Those that the model has seen in training; absent where nobody knows. */
  readonly words?: KnownWords | undefined;
  /** How long a segment of a sentence may be, in characters; LONGEST_SEGMENT when absent. */
  readonly longest?: (sentence: string) => number;
  /** within: as the source has them; a prefix says how its translation begins. When absent, their marks are the target language's. */
  readonly quotations?: "apart" | "within" | undefined;
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
  private readonly encode: Encode;
  /** Sentences that were too long for one segment. */
  readonly splitSentences: number;
  /** Terms that no translation can have: they are in nothing that is translated, had to be cut, or are units of numbers that stay. */
  private readonly unmet: readonly Demand[];

  constructor(inline: InlineText, options: SentencesOptions) {
    const { languages, terms, encode, longest, words, quotations = "apart" } = options;
    const { text, spans } = withFigures(inline, { languages, terms, encode });
    const placeholders = placeholdersOf(spans);
    const demands = demandsOf(text, terms, placeholders);
    const { parts, splitSentences } = segmentText(text, languages.source, { longest, whole: demands, quotations });
    this.splitSentences = splitSentences;
    const cut = cutSpans(
      spans,
      parts.map((part) => part.text.length),
    );
    this.languages = languages;
    this.encode = encode;
    const demanded = demandsIn(parts, demands);
    this.parts = parts.map(({ kind, text: written }, k) => {
      const part = { kind, written, text: written, isShouted: false, spans: cut[k]!, demands: demanded.of[k]! };
      if (kind !== "segment" || !hasWords(part)) return { ...part, isTranslated: false };
      const known = knownWriting(quotations === "apart" ? unquoted(part, languages) : part, { languages, words });
      return { ...known, isTranslated: hasWords(known) };
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
  write(translated: readonly TranslatedSentence[]): string {
    const { encode } = this;
    let next = 0;
    const written = this.parts.map((part) => ({
      kind: part.kind,
      text: part.isTranslated
        ? translation(part, translated[next++]!, { encode, language: this.languages.target })
        : placeAsIs(part.text, part.spans, encode),
      write: (mark: string) =>
        placeAsIs(
          mark,
          part.spans.map((span) => stretched(span, mark.length)),
          encode,
        ),
    }));
    return reassemble(written, this.languages.target);
  }
}

/** A span of a mark, of which another is written. */
function stretched(span: PartOfSpan, length: number): PartOfSpan {
  const [start, end] = [span.start, span.end].map((at) => (at === 0 ? 0 : length)) as [number, number];
  return { ...span, start, end, children: span.children.map((child) => stretched(child, length)) };
}

/** A part whose quotation marks are tags. */
function unquoted<P extends Sentence>(part: P, { target }: Languages): P {
  const { text, spans, moved } = withQuotedWords(part, { language: target, closed: part.demands });
  if (text === part.text) return part;
  return { ...part, text, spans, demands: part.demands.map((demand) => demandAt(text, demand, moved(demand.start))) };
}

/** A part as the model has seen text: without capitals that it has not, and with words that it knows for those that it does not. */
function knownWriting<P extends Sentence>(
  part: P,
  { languages, words }: Pick<SentencesOptions, "languages" | "words">,
): P {
  const { text: written, spans, demands } = part;
  const { text, isShouted } = normalWriting(part, { language: languages.source, words });
  const read = demands.map((demand) => ({ ...demand, read: text.slice(demand.start, demand.end) }));
  if (!words) return { ...part, text, isShouted, demands: read };
  const known = withKnownWords({ text, spans }, { languages, words, written, closed: demands });
  const moved = read.map((demand) => demandAt(known.text, demand, known.moved(demand.start)));
  return { ...part, text: known.text, spans: known.spans, isShouted, demands: moved };
}

/** Its translation; the sentence as it is where the model says nothing, so that it is not lost. */
function translation(
  { text, spans, demands, isShouted }: Sentence,
  { hypothesis, sourcePieces, given }: TranslatedSentence,
  { encode, language }: { encode: Encode; language: string },
): string {
  if (hypothesis.text.trim() === "") return placeAsIs(text, spans, encode);
  if (spans.length === 0 && !isShouted) return encode(hypothesis.text);
  const terms = placesOfDemands(hypothesis.text, demands).flatMap((place, k) =>
    place ? [{ ...place, term: demands[k]!.term }] : [],
  );
  const closed = [...given, ...terms];
  // where a term's case is to match, it is in capitals as its source is
  const kept = [...given, ...terms.filter(({ term }) => term.case !== "match")];
  const asSaid = ({ start, end }: PiecePlace) => hypothesis.text.slice(start, end);
  const said = isShouted ? inCapitals(hypothesis.text, { language, kept }) : asSaid;
  const pieces = hypothesis.tokens.map(({ piece }) => piece);
  const source = { pieces: sourcePieces ?? [], text };
  const alignment = aligned(source, { pieces, text: hypothesis.text }, hypothesis.alignment ?? []);
  const write: Write = (place) => encode(said(place));
  return placeByAlignment(hypothesis.text, { spans, aligned: alignment, write, closed });
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
