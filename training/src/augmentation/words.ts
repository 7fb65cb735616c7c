const SEGMENTER = new Intl.Segmenter("und", { granularity: "word" });

/** What "l'eau" and "d'adopter" begin with, and "don't" and "aujourd'hui" do not. */
const ELISION = /^\p{L}{1,2}['’](?=\p{L}{3})/u;

/** A piece of a text. */
export interface Segment {
  readonly text: string;
  /** A word, and neither space nor punctuation. */
  readonly word: boolean;
}

/**
 * A text as words and what is between them, in any script: as Unicode cuts it (UAX 29; by the dictionaries of ICU where no
 * spaces are written), elided articles and pronouns apart. Put together the segments are the text.
 */
export function segmentsOf(text: string): Segment[] {
  return [...SEGMENTER.segment(text)].flatMap(({ segment, isWordLike = false }) => {
    const elided = isWordLike ? (ELISION.exec(segment)?.[0].length ?? 0) : 0;
    const parts = elided === 0 ? [segment] : [segment.slice(0, elided), segment.slice(elided)];
    return parts.map((part) => ({ text: part, word: isWordLike }));
  });
}

/**
 * The words of each sentence; the first in lower case where it is written so elsewhere, since its capital is the sentence's
 * and not its own.
 */
export function casedWords(sentences: readonly string[]): string[][] {
  const all = sentences.map((text) => segmentsOf(text).flatMap((segment) => (segment.word ? [segment.text] : [])));
  const inside = new Set(all.flatMap((words) => words.slice(1)));
  return all.map(([first, ...others]) => {
    if (first === undefined) return [];
    const lower = first.toLowerCase();
    return [inside.has(lower) ? lower : first, ...others];
  });
}
