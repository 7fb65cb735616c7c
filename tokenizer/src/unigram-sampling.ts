import { type Piece, PieceType } from "./model-proto.js";
import { type Edge, PieceTrie } from "./piece-trie.js";
import { type Resegment, resegmentWords } from "./resegment.js";

/**
 * Subword regularization (Kudo 2018): a word is segmented at random, each segmentation with a probability ∝ P(it)^alpha, by
 * forward filtering and backward sampling over all of them. The higher alpha, the likelier the best one.
 */
export function unigramSampling(pieces: readonly Piece[], { alpha }: { alpha: number }): Resegment {
  const ids: number[] = [];
  const scores = new Map<string, number>();
  for (const [id, { piece, score, type }] of pieces.entries()) {
    if (type !== PieceType.normal || scores.has(piece)) continue;
    ids.push(id);
    scores.set(piece, alpha * score);
  }
  const trie = new PieceTrie(scores);
  // words come again and again; what is longer is a text without spaces, which does not
  const known = new Map<string, Lattice>();
  const latticeOf = (word: string) => {
    const found = known.get(word) ?? latticeFrom(trie.edges(word));
    if (word.length <= LONGEST_KEPT) known.set(word, found);
    return found;
  };
  return resegmentWords(pieces, (word, random) => {
    const text = word.map((id) => pieces[id]!.piece).join("");
    return sample(latticeOf(text), random).map((k) => ids[k]!);
  });
}

const LONGEST_KEPT = 24;

/** All segmentations of a word. */
interface Lattice {
  /** For each place in the word, the pieces that end there. */
  readonly incoming: readonly (readonly Way[])[];
  /** Logarithms of the summed probabilities of all ways to get to a place. */
  readonly reached: Float64Array;
}

interface Way {
  readonly from: number;
  readonly id: number;
  readonly score: number;
}

function latticeFrom(edges: readonly (readonly Edge[])[]): Lattice {
  const incoming: Way[][] = Array.from({ length: edges.length + 1 }, () => []);
  for (const [from, outgoing] of edges.entries()) {
    for (const { to, id, score } of outgoing) incoming[to]!.push({ from, id, score });
  }
  const reached = new Float64Array(edges.length + 1).fill(Number.NEGATIVE_INFINITY);
  reached[0] = 0;
  for (let at = 1; at < reached.length; at++) {
    reached[at] = logSumExp(incoming[at]!.map(({ from, score }) => reached[from]! + score));
  }
  return { incoming, reached };
}

/** A path from the first place to the last, as the pieces of its edges. */
function sample({ incoming, reached }: Lattice, random: () => number): number[] {
  const path: number[] = [];
  for (let at = reached.length - 1; at > 0; ) {
    const ways = incoming[at]!;
    let left = random();
    const k = ways.findIndex(({ from, score }) => {
      left -= Math.exp(reached[from]! + score - reached[at]!);
      return left < 0;
    });
    // rounding may leave a little over
    const { from, id } = k < 0 ? ways.findLast((way) => reached[way.from]! > Number.NEGATIVE_INFINITY)! : ways[k]!;
    path.push(id);
    at = from;
  }
  return path.reverse();
}

function logSumExp(values: readonly number[]): number {
  const highest = Math.max(Number.NEGATIVE_INFINITY, ...values);
  if (highest === Number.NEGATIVE_INFINITY) return highest;
  return highest + Math.log(values.reduce((sum, v) => sum + Math.exp(v - highest), 0));
}
