import { PieceTrie } from "./piece-trie.js";
import { seedPieces } from "./seed-pieces.js";
import type { WordCounts } from "./words.js";

export interface UnigramOptions {
  readonly words: WordCounts;
  /** Characters that must be pieces. */
  readonly characters: ReadonlySet<string>;
  /** Pieces to end with, characters included. */
  readonly size: number;
  readonly onProgress?: (message: string) => void;
}

const EM_ITERATIONS = 2;
const SHRINK = 0.75;
const RARE = 0.5;

/**
 * The unigram language model of Kudo 2018 ("Subword regularization"): from many candidate pieces, expectation–maximization
 * gives each a probability, and the pieces whose loss costs the likelihood least are dropped, a quarter a round.
 * @returns pieces with natural log-probabilities, likeliest first
 */
export function learnUnigram({ words, characters, size, onProgress }: UnigramOptions): Map<string, number> {
  let pieces = logProbabilities(seedPieces(words, characters, Math.max(100_000, 12 * size)));
  const target = Math.ceil(size * 1.1);
  for (;;) {
    for (let i = 0; i < EM_ITERATIONS; i++) pieces = maximize(expect(words, pieces), characters);
    onProgress?.(`unigram: ${pieces.size} pieces`);
    if (pieces.size <= target) break;
    pieces = prune(words, pieces, characters, Math.max(target, Math.floor(pieces.size * SHRINK)));
  }
  return finish(pieces, characters, size);
}

function logProbabilities(counts: ReadonlyMap<string, number>): Map<string, number> {
  let total = 0;
  for (const count of counts.values()) total += count;
  return new Map([...counts].map(([piece, count]) => [piece, Math.log(count / total)]));
}

/** Expected number of uses of each piece over all segmentations, by the forward–backward algorithm. */
function expect(words: WordCounts, pieces: ReadonlyMap<string, number>): Map<string, number> {
  const trie = new PieceTrie(pieces);
  const expected = new Float64Array(trie.size);
  for (const [word, count] of words) accumulate(trie, word, count, expected);
  return new Map([...pieces.keys()].map((piece, id) => [piece, expected[id]!]));
}

function accumulate(trie: PieceTrie, word: string, count: number, expected: Float64Array): void {
  const edges = trie.edges(word);
  const n = edges.length;
  const forward = new Float64Array(n + 1).fill(Number.NEGATIVE_INFINITY);
  const backward = new Float64Array(n + 1).fill(Number.NEGATIVE_INFINITY);
  forward[0] = 0;
  backward[n] = 0;
  for (let from = 0; from < n; from++) {
    for (const edge of edges[from]!) forward[edge.to] = logAdd(forward[edge.to]!, forward[from]! + edge.score);
  }
  for (let from = n - 1; from >= 0; from--) {
    for (const edge of edges[from]!) backward[from] = logAdd(backward[from]!, edge.score + backward[edge.to]!);
  }
  const total = forward[n]!;
  if (total === Number.NEGATIVE_INFINITY) return;
  for (let from = 0; from < n; from++) {
    for (const edge of edges[from]!) {
      expected[edge.id]! += count * Math.exp(forward[from]! + edge.score + backward[edge.to]! - total);
    }
  }
}

function logAdd(a: number, b: number): number {
  if (a === Number.NEGATIVE_INFINITY) return b;
  if (b === Number.NEGATIVE_INFINITY) return a;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}

/** The Bayesian M-step: digamma in place of log, which favours few pieces. Rare pieces go. */
function maximize(expected: ReadonlyMap<string, number>, characters: ReadonlySet<string>): Map<string, number> {
  const kept = [...expected]
    .filter(([piece, count]) => count >= RARE || characters.has(piece))
    .map(([piece, count]) => [piece, Math.max(count, RARE)] as const);
  const total = digamma(kept.reduce((sum, [, count]) => sum + count, 0));
  return new Map(kept.map(([piece, count]) => [piece, digamma(count) - total]));
}

/** ψ(x) for x > 0: recurrence up to 7, then the asymptotic series. */
function digamma(value: number): number {
  let x = value;
  let result = 0;
  for (; x < 7; x++) result -= 1 / x;
  x -= 1 / 2;
  const square = 1 / (x * x);
  return result + Math.log(x) + square * (1 / 24 - square * (7 / 960 - square * (31 / 8064)));
}

/** Keeps the pieces whose absence would cost the likelihood most. */
function prune(
  words: WordCounts,
  pieces: ReadonlyMap<string, number>,
  characters: ReadonlySet<string>,
  keep: number,
): Map<string, number> {
  const trie = new PieceTrie(pieces);
  const uses = new Float64Array(trie.size);
  let total = 0;
  for (const [word, count] of words) {
    total += count;
    for (const id of trie.best(word)) uses[id]! += count;
  }
  const losses: { piece: string; score: number; loss: number }[] = [];
  const kept = new Map<string, number>();
  let id = -1;
  for (const [piece, score] of pieces) {
    id++;
    if (characters.has(piece)) {
      kept.set(piece, score);
      continue;
    }
    const alternative = trie.bestWithout(piece, id);
    if (uses[id] === 0 || !alternative) continue;
    const instead = alternative.reduce((sum, other) => sum + trie.score(other), 0);
    losses.push({ piece, score, loss: (uses[id]! / total) * (score - instead) });
  }
  losses.sort((a, b) => b.loss - a.loss || (a.piece < b.piece ? -1 : 1));
  for (const { piece, score } of losses.slice(0, Math.max(0, keep - kept.size))) kept.set(piece, score);
  return kept;
}

function finish(
  pieces: ReadonlyMap<string, number>,
  characters: ReadonlySet<string>,
  size: number,
): Map<string, number> {
  const least = Math.min(...pieces.values());
  const required = [...characters].map((c, k) => [c, pieces.get(c) ?? least - 0.001 * k] as const);
  const rest = [...pieces].filter(([piece]) => !characters.has(piece)).sort((a, b) => b[1] - a[1]);
  const chosen = [...required, ...rest.slice(0, Math.max(0, size - required.length))];
  return new Map(chosen.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}
