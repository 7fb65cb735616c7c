import { wordsIn } from "@carousel/bundle";
import { segmentsOf } from "../augmentation/words.js";
import { counted } from "../data/counts.js";

/** Sentences, what people make of them, and what a model does, line by line. */
export interface Translated {
  readonly sources: readonly string[];
  readonly references: readonly string[];
  readonly translations: readonly string[];
}

/** A name in more sentences is known; of one in fewer nothing can be said. */
const JUDGED = { least: 2, most: 40 };
/** How closely a name and its translation keep together, at least: Dice's coefficient of the lines that have them. */
const ALIKE = 0.5;
/** In what share of the lines whose reference has it a translation must have it, too. */
const RIGHT = 0.5;

/**
 * Names that a model has seen and not learned: it mostly lacks what people write for them. Names are words that are not written in
 * small letters, and all words of scripts that have none. What people write is the word of the references that keeps closest to
 * the name by Dice's coefficient (Dice 1945), in whatever case; of several that keep equally close the one that is written as the
 * name itself, else the mean of all. A name to which none keeps close is not judged. Other words are not, either: a model may
 * well have another word for them.
 */
export function mistakenNames({ sources, references, translations }: Translated): Set<string> {
  const linesOf = linesByWord(sources);
  const isName = (word: string) => {
    const lower = word.toLowerCase();
    return !linesOf.has(lower) || lower === word.toUpperCase();
  };
  const judged = [...linesOf].filter(
    ([word, { length }]) => length >= JUDGED.least && length <= JUDGED.most && isName(word),
  );
  const written = references.map(lowerWords);
  const timesWritten = counted(written.flatMap((words) => [...words]));
  const said = new Map<number, ReadonlySet<string>>();
  const wordsSaid = (line: number) => {
    if (!said.has(line)) said.set(line, lowerWords(translations[line]!));
    return said.get(line)!;
  };
  /** In how many of the lines whose reference has it a translation has a word. */
  const shareRight = (word: string, lines: readonly number[]) => {
    const theirs = lines.filter((line) => written[line]!.has(word));
    return theirs.filter((line) => wordsSaid(line).has(word)).length / theirs.length;
  };

  const isMistaken = (word: string, lines: readonly number[]) => {
    const beside = counted(lines.flatMap((line) => [...written[line]!]));
    const dice = new Map([...beside].map(([other, n]) => [other, (2 * n) / (lines.length + timesWritten.get(other)!)]));
    const best = Math.max(0, ...dice.values());
    if (best < ALIKE) return false;
    const closest = [...dice.keys()].filter((other) => dice.get(other) === best);
    const same = closest.filter((other) => other === word.toLowerCase());
    const shares = (same.length > 0 ? same : closest).map((other) => shareRight(other, lines));
    return shares.reduce((sum, share) => sum + share, 0) / shares.length < RIGHT;
  };
  return new Set(judged.filter(([word, lines]) => isMistaken(word, lines)).map(([word]) => word));
}

function linesByWord(sources: readonly string[]): Map<string, number[]> {
  const lines = new Map<string, number[]>();
  sources.forEach((source, line) => {
    for (const word of new Set([...wordsIn(source)].map(({ word }) => word))) {
      const of = lines.get(word);
      if (of) of.push(line);
      else lines.set(word, [line]);
    }
  });
  return lines;
}

function lowerWords(text: string): Set<string> {
  return new Set(segmentsOf(text).flatMap(({ text, word }) => (word ? [text.toLowerCase()] : [])));
}
