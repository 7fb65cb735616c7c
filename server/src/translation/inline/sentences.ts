import type { Hypothesis, SegmentResult } from "../../queue/port.js";
import { reassemble, segmentText } from "../segments.js";
import { placesOf } from "./attention.js";
import { cutSpans, type PartOfSpan } from "./parts.js";
import { placeAsIs, placeByAlignment } from "./place.js";
import type { Languages } from "./placeholders.js";
import type { Encode, InlineText } from "./span.js";

/** A sentence to translate. */
export interface Sentence {
  readonly text: string;
  /** Tags and placeholders in it; with any, its translation must come with its alignment. */
  readonly spans: readonly PartOfSpan[];
}

interface Part extends Sentence {
  readonly kind: "segment" | "separator";
  readonly isTranslated: boolean;
}

/** What a worker said of a sentence: one of its hypotheses. */
export interface TranslatedSentence {
  readonly hypothesis: Hypothesis;
  readonly sourcePieces: SegmentResult["sourcePieces"];
}

/** A text cut into sentences, which are put together again when they are translated. */
export class Sentences {
  private readonly parts: readonly Part[];
  private readonly languages: Languages;
  /** Sentences that were too long for one segment. */
  readonly splitSentences: number;

  constructor({ text, spans }: InlineText, languages: Languages) {
    const { parts, splitSentences } = segmentText(text, languages.source);
    this.splitSentences = splitSentences;
    const cut = cutSpans(
      spans,
      parts.map((part) => part.text.length),
    );
    this.languages = languages;
    this.parts = parts.map((part, k) => {
      const sentence = { text: part.text, spans: cut[k]! };
      return { ...sentence, kind: part.kind, isTranslated: part.kind === "segment" && !isOnlyPlaceholders(sentence) };
    });
  }

  /** What is to be translated, in order. */
  get sentences(): readonly Sentence[] {
    return this.parts.filter((part) => part.isTranslated);
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
  { text, spans }: Sentence,
  { hypothesis, sourcePieces }: TranslatedSentence,
  encode: Encode,
): string {
  if (spans.length === 0) return encode(hypothesis.text);
  const aligned = {
    source: placesOf(sourcePieces ?? [], text),
    target: placesOf(
      hypothesis.tokens.map(({ piece }) => piece),
      hypothesis.text,
    ),
    weights: hypothesis.alignment ?? [],
  };
  return placeByAlignment(hypothesis.text, { spans, aligned, encode });
}

/** Whether nothing is left to translate beside the placeholders. */
function isOnlyPlaceholders({ text, spans }: Sentence): boolean {
  const placeholders = spans.filter((span) => span.instead);
  if (placeholders.length === 0) return false;
  const rest = placeholders.reduceRight((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text);
  return !/[\p{L}\p{N}]/u.test(rest);
}
