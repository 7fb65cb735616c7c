import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

export interface SamplingInputs {
  /** [R, W]; only slot 0 of a sentence is sampled. */
  readonly logits: Value;
  /** [R, W]: without penalties and constraints. */
  readonly own: Value;
  /** [R, 1] */
  readonly normalizer: Value;
  /** [N, B] */
  readonly score: Value;
  /** [N] each */
  readonly temperature: Value;
  readonly topK: Value;
  readonly topP: Value;
  readonly uniform: Value;
}

export interface Drawn {
  /** int64 [N, 1]: which of the W. */
  readonly choice: Value;
  /** [N]: the sum of log-probabilities, with the penalties of the request. */
  readonly score: Value;
  /** [N]: the log-probability that the model itself gives the token. */
  readonly logProbability: Value;
}

/**
 * Draws one token a sentence from softmax(logits / temperature), cut to the k likeliest (Fan et al. 2018) and to the
 * smallest set whose mass reaches p (Holtzman et al. 2020), by the inverse of its cumulative distribution at `uniform`.
 * @returns what was drawn
 */
export function sample(b: Graph, inputs: SamplingInputs): Drawn {
  const { logits, tempered } = temperedLogits(b, inputs); // [N, W]
  const width = b.sizeOf(logits, 1);
  const [sorted, choices] = b.topK(tempered, width, logits.shape[1]!);
  const probabilities = b.softmax(sorted);
  const before = b.cumSum(probabilities, 1, 1); // mass of all likelier tokens
  const rank = b.unsqueeze(b.range(width, logits.shape[1]!), 0);
  const inTopK = b.less(rank, b.unsqueeze(inputs.topK, 1));
  const inTopP = b.less(before, b.unsqueeze(inputs.topP, 1));
  const kept = b.cast(b.and(inTopK, inTopP), "float32");
  const mass = b.mul(probabilities, kept);
  const target = b.mul(b.unsqueeze(inputs.uniform, 1), b.sum(mass, [1], 1));
  const passed = b.cast(b.not(b.greater(b.cumSum(mass, 1, 0), target)), "float32");
  // rounding can let the target pass the last kept token: stay on it
  const last = b.sub(b.sum(kept, [1], 1), 1);
  const drawn = b.sum(b.mul(passed, kept), [1], 1);
  const index = b.cast(b.where(b.greater(drawn, last), last, drawn), "int64"); // [N, 1]
  return scored(b, { ...inputs, logits, choice: b.gatherElements(choices, index) });
}

/**
 * Draws one token a sentence from softmax(logits / temperature), nothing cut off: then nothing has to be sorted, which for
 * a vocabulary of thousands is most of the work.
 * @returns as `sample`
 */
export function sampleFromAll(b: Graph, inputs: SamplingInputs): Drawn {
  const { logits, tempered } = temperedLogits(b, inputs); // [N, W]
  const mass = b.cumSum(b.softmax(tempered), 1, 0);
  const total = b.slice(mass, 1, -1, END, 1); // [N, 1]
  const passed = b.not(b.greater(mass, b.mul(b.unsqueeze(inputs.uniform, 1), total)));
  const drawn = b.sum(b.cast(passed, "float32"), [1], 1);
  // rounding can let the target pass the last token: stay on it
  const last = b.sub(b.cast(b.sizeOf(logits, 1), "float32"), 1);
  const choice = b.cast(b.where(b.greater(drawn, last), last, drawn), "int64"); // [N, 1]
  return scored(b, { ...inputs, logits, choice });
}

function temperedLogits(b: Graph, inputs: SamplingInputs): { logits: Value; tempered: Value } {
  const { temperature } = inputs;
  const logits = firstSlot(b, inputs.logits, inputs);
  const safe = b.where(b.greater(temperature, 0), temperature, b.float(1));
  return { logits, tempered: b.div(logits, b.unsqueeze(safe, 1)) };
}

/** @param inputs logits of slot 0 [N, W], choice [N, 1] */
function scored(b: Graph, inputs: SamplingInputs & { choice: Value }): Drawn {
  const { logits, choice } = inputs;
  const normalizer = firstSlot(b, inputs.normalizer, inputs);
  const gained = b.sub(b.gatherElements(logits, choice), normalizer);
  const score = b.add(b.slice(inputs.score, 1, 0, 1, 1), gained);
  const own = b.gatherElements(firstSlot(b, inputs.own, inputs), choice);
  return {
    choice,
    score: b.squeeze(score, 1),
    logProbability: b.squeeze(b.sub(own, normalizer), 1),
  };
}

/** [R, width] → slot 0 of each sentence, [N, width]. */
function firstSlot(b: Graph, rows: Value, { score }: SamplingInputs): Value {
  const slots = b.reshapeTo(rows, [b.sizeOf(score, 0), b.sizeOf(score, 1), -1], ["N", "B", rows.shape[1]!]);
  return b.squeeze(b.slice(slots, 1, 0, 1, 1), 1);
}

const END = 2 ** 31 - 1;
