import { isPiece } from "./seed-pieces.js";
import type { WordCounts } from "./words.js";

export interface BpeOptions {
  readonly words: WordCounts;
  readonly characters: ReadonlySet<string>;
  /** Pieces to end with, characters included. */
  readonly size: number;
  readonly onProgress?: (message: string) => void;
}

interface Pair {
  readonly left: string;
  readonly right: string;
  count: number;
  /** Words that hold the pair, or held it. */
  readonly words: Set<number>;
}

/**
 * Byte-pair encoding (Sennrich, Haddow & Birch 2016): the most frequent pair of neighbours becomes one piece, until there
 * are enough. Counts change only in the words that hold the merged pair.
 * @returns pieces with minus the rank of their merge as score, characters last
 */
export function learnBpe({ words, characters, size, onProgress }: BpeOptions): Map<string, number> {
  const counts = [...words.values()];
  const symbols = [...words.keys()].map((word) => [...word]);
  const pairs = new Map<string, Pair>();
  symbols.forEach((word, k) => void countPairs(pairs, word, k, counts[k]!));
  const queue = new PairQueue(pairs.values());
  const pieces = new Map<string, number>();
  while (pieces.size + characters.size < size) {
    const best = queue.pop();
    if (!best) break;
    const merged = best.left + best.right;
    if (!pieces.has(merged)) pieces.set(merged, -pieces.size);
    if (pieces.size % 1000 === 0) onProgress?.(`bpe: ${pieces.size} merges`);
    for (const k of best.words) {
      const before = symbols[k]!;
      const after = merge(before, best);
      if (after.length === before.length) continue;
      const changed = new Set<Pair>();
      countPairs(pairs, before, k, -counts[k]!, changed);
      countPairs(pairs, after, k, counts[k]!, changed);
      symbols[k] = after;
      for (const pair of changed) queue.push(pair);
    }
  }
  let rank = pieces.size;
  for (const character of characters) pieces.set(character, -rank++);
  return pieces;
}

function countPairs(
  pairs: Map<string, Pair>,
  word: readonly string[],
  index: number,
  count: number,
  changed?: Set<Pair>,
): void {
  for (let at = 0; at + 1 < word.length; at++) {
    const [left, right] = [word[at]!, word[at + 1]!];
    const key = `${left}\0${right}`;
    let pair = pairs.get(key);
    if (!pair) {
      if (!isPiece(left + right)) continue;
      pair = { left, right, count: 0, words: new Set() };
      pairs.set(key, pair);
    }
    pair.count += count;
    if (count > 0) pair.words.add(index);
    changed?.add(pair);
  }
}

function merge(word: readonly string[], { left, right }: Pair): string[] {
  const merged: string[] = [];
  for (let at = 0; at < word.length; at++) {
    if (word[at] === left && word[at + 1] === right) {
      merged.push(left + right);
      at++;
    } else {
      merged.push(word[at]!);
    }
  }
  return merged;
}

/** A binary heap of pairs by count; an entry whose count has changed since is stale and skipped. */
class PairQueue {
  private readonly heap: { pair: Pair; count: number }[] = [];

  constructor(pairs: Iterable<Pair>) {
    for (const pair of pairs) this.push(pair);
  }

  push(pair: Pair): void {
    if (pair.count < 2) return;
    this.heap.push({ pair, count: pair.count });
    this.up(this.heap.length - 1);
  }

  pop(): Pair | undefined {
    while (this.heap.length > 0) {
      const top = this.heap[0]!;
      const last = this.heap.pop()!;
      if (this.heap.length > 0) {
        this.heap[0] = last;
        this.down(0);
      }
      if (top.pair.count === top.count) return top.pair;
    }
    return undefined;
  }

  private before(a: number, b: number): boolean {
    const [x, y] = [this.heap[a]!, this.heap[b]!];
    if (x.count !== y.count) return x.count > y.count;
    const [p, q] = [x.pair.left + x.pair.right, y.pair.left + y.pair.right];
    return p.length !== q.length ? p.length < q.length : p < q;
  }

  private swap(a: number, b: number): void {
    [this.heap[a], this.heap[b]] = [this.heap[b]!, this.heap[a]!];
  }

  private up(start: number): void {
    for (let at = start; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.before(at, parent)) return;
      this.swap(at, parent);
      at = parent;
    }
  }

  private down(start: number): void {
    for (let at = start; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.heap.length && this.before(child, least)) least = child;
      }
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }
}
