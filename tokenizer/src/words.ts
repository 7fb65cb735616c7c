/** The space, as SentencePiece writes it inside pieces. */
export const SPACE = "\u2581";

/** How often each word occurs; a word begins with SPACE, and a text without spaces is one word. */
export type WordCounts = ReadonlyMap<string, number>;

/** A longer word is cut into stretches of so many characters. */
const STRETCH = /.{1,400}/gsu;

/** Normalized sentences as words. User-defined symbols are pieces of their own and end a word. */
export function countWords(sentences: Iterable<string>, symbols: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (word: string) => counts.set(word, (counts.get(word) ?? 0) + 1);
  const longestFirst = [...symbols].sort((a, b) => b.length - a.length);
  const boundary = symbols.length > 0 ? new RegExp(longestFirst.map(escapeRegExp).join("|")) : undefined;
  for (const sentence of sentences) {
    for (const word of (SPACE + sentence.replaceAll(" ", SPACE)).split(new RegExp(`(?=${SPACE})`))) {
      for (const part of boundary ? word.split(boundary) : [word]) {
        for (const [stretch] of part.matchAll(STRETCH)) add(stretch);
      }
    }
  }
  return counts;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The same text cut at the characters that are not among the given. */
export function withoutRareCharacters(words: WordCounts, characters: ReadonlySet<string>): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (word: string, count: number) => word && counts.set(word, (counts.get(word) ?? 0) + count);
  for (const [word, count] of words) {
    let part = "";
    for (const character of word) {
      if (characters.has(character)) {
        part += character;
        continue;
      }
      add(part, count);
      part = "";
    }
    add(part, count);
  }
  return counts;
}

/** The most frequent characters that together make up the given share of the text. */
export function coveredCharacters(words: WordCounts, coverage: number): Set<string> {
  const counts = new Map<string, number>();
  let total = 0;
  for (const [word, count] of words) {
    for (const character of word) {
      counts.set(character, (counts.get(character) ?? 0) + count);
      total += count;
    }
  }
  const covered = new Set<string>();
  let sum = 0;
  for (const [character, count] of [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) {
    if (coverage < 1 && sum / total >= coverage) break;
    covered.add(character);
    sum += count;
  }
  return covered;
}
