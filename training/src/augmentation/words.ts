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
 * The words of each sentence; in lower case those that stand so at least as often, where no sentence begins: their capitals are
 * the sentence's and not their own.
 */
export function casedWords(sentences: readonly string[]): string[][] {
  const all = sentences.map((text) => segmentsOf(text).flatMap((segment) => (segment.word ? [segment.text] : [])));
  const inside = new Map<string, number>();
  for (const word of all.flatMap((words) => words.slice(1))) inside.set(word, (inside.get(word) ?? 0) + 1);
  const timesInside = (word: string) => inside.get(word) ?? 0;
  return all.map((words) =>
    words.map((word) => {
      const lower = word.toLowerCase();
      return inside.has(lower) && timesInside(lower) >= timesInside(word) ? lower : word;
    }),
  );
}
