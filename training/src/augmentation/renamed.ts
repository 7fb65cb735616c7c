import type { ParallelText } from "../data/parallel.js";
import { Random } from "../random.js";
import { InventedNames } from "./invented-names.js";
import { type WordPairsOptions, wordPairs } from "./word-pairs.js";
import { type Segment, segmentsOf } from "./words.js";

/** What stands for the same thing on the two sides. */
export interface SourceAndTarget {
  readonly source: string;
  readonly target: string;
}

export interface RenamedOptions extends WordPairsOptions {
  /** How often each pair of sentences comes, each time with other names. */
  readonly times?: number | undefined;
  readonly seed?: number | undefined;
  /** A name as either side writes it; when absent, the same on both, spelled as the words of the text are. */
  readonly invent?: ((random: Random) => SourceAndTarget) | undefined;
}

/** One digit alone may decide about a plural. */
const NUMBER = /^\d{2,}$/;
const MOST_DIGITS = 5;

/**
 * The pairs of sentences that have a name or a number on both sides, with another one in its place: a model that learns from
 * them what to copy copies names that it has never seen. Names are words of which each is what the other most likely
 * becomes ({@link wordPairs}), capitalized, on one side at least and wherever the script has capitals; numbers have two digits
 * or more and are the same on both sides.
 */
export function renamed(text: ParallelText, options: RenamedOptions = {}): ParallelText {
  const { times = 1, seed = 1 } = options;
  const sentences = { source: text.source.map(segmentsOf), target: text.target.map(segmentsOf) };
  const invent = options.invent ?? sameOnBothSides([...sentences.source, ...sentences.target].flat());
  const random = new Random(seed);
  const instead = { name: () => invent(random), number: () => twice(digits(random)) };
  const names = namesOf(wordPairs(text, options));
  const once = () =>
    sentences.source.flatMap((source, k) => {
      const target = sentences.target[k]!;
      const replaced = replacements({ source, target, names, instead });
      return replaced.length === 0 ? [] : [replacedIn({ source, target, replaced })];
    });
  const pairs = Array.from({ length: times }, once).flat();
  return { source: pairs.map(({ source }) => source), target: pairs.map(({ target }) => target) };
}

interface Replacement {
  readonly old: SourceAndTarget;
  readonly new: SourceAndTarget;
}

interface Segments {
  readonly source: readonly Segment[];
  readonly target: readonly Segment[];
}

function replacements(pair: Segments & { names: ReadonlyMap<string, string>; instead: Inventions }): Replacement[] {
  const words = new Set(pair.source.map(({ text }) => text));
  return [...words].flatMap((source) => {
    const number = NUMBER.test(halfWidth(source));
    const isOther = ({ text }: Segment) =>
      number ? halfWidth(text) === halfWidth(source) : text === pair.names.get(source);
    const target = pair.target.find(isOther)?.text;
    if (target === undefined) return [];
    return [{ old: { source, target }, new: number ? pair.instead.number() : pair.instead.name() }];
  });
}

interface Inventions {
  readonly name: () => SourceAndTarget;
  readonly number: () => SourceAndTarget;
}

function replacedIn({ source, target, replaced }: Segments & { replaced: readonly Replacement[] }): SourceAndTarget {
  const written = (side: keyof SourceAndTarget, segments: readonly Segment[]) => {
    const words = new Map(replaced.map((one) => [one.old[side], one.new[side]]));
    return segments.map(({ text }) => words.get(text) ?? text).join("");
  };
  return { source: written("source", source), target: written("target", target) };
}

/** Names of a dictionary, by how the source writes them. */
function namesOf({ source, target }: ParallelText): Map<string, string> {
  const pairs = source.map((word, k) => [word, target[k]!] as const);
  return new Map(
    pairs.filter((words) => words.some(isCapitalized) && words.every((w) => isCapitalized(w) || !hasCase(w))),
  );
}

function isCapitalized(word: string): boolean {
  return /^\p{Lu}./u.test(word);
}

function hasCase(word: string): boolean {
  return word.toLowerCase() !== word.toUpperCase();
}

function sameOnBothSides(segments: readonly Segment[]): (random: Random) => SourceAndTarget {
  const invented = new InventedNames(segments.flatMap(({ text }) => (hasCase(text) ? [text] : [])));
  return (random) => twice(invented.next(random));
}

function twice(text: string): SourceAndTarget {
  return { source: text, target: text };
}

function digits(random: Random): string {
  const length = 2 + random.below(MOST_DIGITS - 1);
  return String(1 + random.below(9)) + Array.from({ length: length - 1 }, () => random.below(10)).join("");
}

/** Digits of full width as those of ASCII. */
function halfWidth(text: string): string {
  return text.normalize("NFKC");
}
