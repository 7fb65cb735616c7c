/** Text that was lower-cased and cut into tokens for an experiment, put back into the form that people write. */

/** How each word is written inside sentences, where its capitals are its own: lower-cased word → its commonest form. */
export type Casing = ReadonlyMap<string, string>;

const WORD = /\p{L}[\p{L}\p{M}’'-]*/gu;

/** Counts the forms of words in cased text; the first word of a sentence says nothing. */
export function learnCasing(sentences: Iterable<string>): Casing {
  const counts = new Map<string, Map<string, number>>();
  for (const sentence of sentences) {
    for (const [form] of [...sentence.matchAll(WORD)].slice(1)) {
      const forms = counts.get(form.toLowerCase()) ?? new Map<string, number>();
      counts.set(form.toLowerCase(), forms.set(form, (forms.get(form) ?? 0) + 1));
    }
  }
  return new Map([...counts].map(([word, forms]) => [word, commonest(forms)]));
}

function commonest(forms: ReadonlyMap<string, number>): string {
  return [...forms].reduce((most, next) => (next[1] > most[1] ? next : most))[0];
}

/** English tokens as the Penn Treebank cuts them, lower-cased → a sentence as it is written. */
export function englishAsWritten(tokens: string, casing: Casing): string {
  const joined = tokens
    .trim()
    .replace(/ (n't|'(?:s|m|re|ll|ve|d|t))(?= |$)/g, "$1")
    .replace(/ (?=[.,?!;:%)])/g, "")
    .replace(/ '(?=clock\b)/g, "'")
    .replace(/([($]) /g, "$1")
    .replace(/(?:``|'') ?(.*?) ?''/g, '"$1"');
  const cased = joined.replace(WORD, (word) => casing.get(word) ?? word);
  return cased.replace(/^[^\p{L}]*\p{L}|[.?!]"? \p{L}|, "\p{L}/gu, (start) => start.toUpperCase());
}

/** Japanese tokens → a sentence as it is written: without spaces, but those between Latin words. */
export function japaneseAsWritten(tokens: string): string {
  return tokens.trim().replace(/(?<![A-Za-z0-9]) | (?![A-Za-z0-9])/g, "");
}
