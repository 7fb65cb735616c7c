import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { BLANK } from "./ctc.js";

export interface BestPath {
  /** int64 [batch, frames]: the likeliest of each frame, a token or the blank */
  readonly labels: Value;
  /** bool [batch, frames]: where a token of the output begins */
  readonly begins: Value;
}

/**
 * Greedy decoding (Graves et al. 2006, best path): the likeliest label of every frame; of a run of equal ones the first
 * counts, and blanks do not.
 * @param logits [frames, batch, V]
 * @param alive bool [frames, batch, 1]
 */
function bestPath(g: Graph, { logits, alive }: { logits: Value; alive: Value }): BestPath {
  return pathOf(g, { likeliest: g.argmax(logits), alive });
}

/**
 * The same where the likeliest labels are known.
 * @param likeliest int64 [frames, batch]
 */
export function pathOf(g: Graph, { likeliest, alive }: { likeliest: Value; alive: Value }): BestPath {
  const labels = g.transpose(likeliest, [1, 0]); // [batch, frames]
  const inside = g.transpose(g.squeeze(alive, 2), [1, 0]);
  const repeated = g.equal(labels, g.shift(labels, 1, BLANK));
  const silent = g.or(g.equal(labels, BLANK), repeated);
  return { labels, begins: g.and(inside, g.not(silent)) };
}

/**
 * Moves the entries of the frames where tokens begin to the front, in order; what is left of the frames is zero.
 * @param entries float32 [batch, frames, width]
 */
export function compact(g: Graph, { begins }: BestPath, entries: Value): Value {
  const [batch, frames] = [g.sizeOf(entries, 0), g.sizeOf(entries, 1)];
  const width = entries.shape[2] as number;
  const counted = g.sub(g.cumSum(g.cast(begins, "int64"), 1, 0), 1); // [batch, frames]: the token's place, from its first frame on
  const place = g.where(g.less(counted, 0), g.int(0), counted);
  const row = g.add(place, g.unsqueeze(g.mul(g.range(batch, begins.shape[0]!), frames), 1));
  // frames where no token begins add zero to the place before them
  const kept = g.mul(entries, g.cast(g.unsqueeze(begins, 2), "float32"));
  const flat = g.reshape(kept, ["rows", width]);
  const empty = g.zerosLike(flat);
  return g.reshapeLike(g.scatterAdd(empty, g.reshape(row, ["rows"]), flat), entries);
}

/**
 * Number of target tokens that the best path has in the same place, with `end` after its last token; float32 scalar.
 * @param options.targets int64 [target, batch], each with `end` last
 * @param options.mask float32 [target, batch], 0 after the end
 */
export function matches(
  g: Graph,
  options: { frames: { logits: Value; alive: Value }; targets: Value; mask: Value; end: number },
): Value {
  const { frames, targets, mask, end } = options;
  const path = bestPath(g, frames);
  const entries = g.cast(g.unsqueeze(path.labels, 2), "float32");
  const tokens = g.transpose(g.squeeze(compact(g, path, entries), 2), [1, 0]); // [frames, batch]
  const place = g.range(g.sizeOf(targets, 0), targets.shape[0]!);
  const exists = g.less(place, g.sizeOf(tokens, 0));
  const found = g.gather(g.cast(tokens, "int64"), g.where(exists, place, g.int(0))); // [target, batch]
  const silent = g.or(g.not(g.unsqueeze(exists, 1)), g.equal(found, BLANK));
  const said = g.where(silent, g.int(end), found);
  return g.sumAll(g.mul(g.cast(g.equal(said, targets), "float32"), mask));
}
