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
  return resegmentWords(pieces, (word, random) => {
    const text = word.map((id) => pieces[id]!.piece).join("");
    return sample(trie.edges(text), random).map((k) => ids[k]!);
  });
}

/** A path from the first place to the last, as the pieces of its edges. */
function sample(edges: readonly (readonly Edge[])[], random: () => number): number[] {
  const incoming: { from: number; id: number; score: number }[][] = Array.from({ length: edges.length + 1 }, () => []);
  for (const [from, outgoing] of edges.entries()) {
    for (const { to, id, score } of outgoing) incoming[to]!.push({ from, id, score });
  }
  // log of the summed probabilities of all ways to get to a place
  const reached = new Float64Array(edges.length + 1).fill(Number.NEGATIVE_INFINITY);
  reached[0] = 0;
  for (let at = 1; at < reached.length; at++) {
    reached[at] = logSumExp(incoming[at]!.map(({ from, score }) => reached[from]! + score));
  }
  const path: number[] = [];
  for (let at = edges.length; at > 0; ) {
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
