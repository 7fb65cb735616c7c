import { SPECIAL } from "../data/special.js";
import { fromFloat16, toFloat16 } from "../onnx/float16.js";
import { createSession, float32, integers, scalar } from "../onnx/runtime.js";
import { CarriedState } from "../trainer/carried-state.js";
import type { NamedParameters } from "../trainer/parameters.js";
import type { TrainGraph } from "../trainer/train-graph.js";
import type { InferenceGraphs } from "./graphs.js";
import { InferenceModel } from "./greedy.js";
import type { Precision } from "./stored-weights.js";

/** Ids that end with eos; a language model has no source. */
export interface Sample {
  readonly source: readonly number[];
  readonly target: readonly number[];
}

/** The exported graphs say something else than the trained one. */
export class ParityError extends Error {
  override readonly name = "ParityError";
}

/** Nats a token by which the log-probability of a sentence may differ; rounding reaches about a thousandth of it. */
export const TOLERANCE = 2e-3;

/**
 * Scores sentences with the training graph and with the exported graphs, both with the weights as they are stored.
 * @returns the largest difference found, in nats a token
 * @throws ParityError when it is over the tolerance
 */
export async function checkParity(options: {
  graph: TrainGraph;
  exported: InferenceGraphs;
  parameters: NamedParameters;
  precision: Precision;
  samples: readonly Sample[];
}): Promise<number> {
  const { graph, exported, samples, precision } = options;
  const model = await InferenceModel.create(exported, {});
  const actual = await model.score(
    samples.map((s) => s.source),
    samples.map((s) => s.target),
    SPECIAL.bos,
  );
  await model.release();
  const stored = parametersAsStored(options.parameters, precision);
  const expected = await trainingScores(graph, stored, samples);
  let worst = 0;
  samples.forEach(({ target }, k) => {
    const difference = Math.abs(actual[k]! - expected[k]!) / target.length;
    // a number that is not one must not pass
    if (!(difference <= TOLERANCE)) {
      throw new ParityError(
        `the exported graphs give sample ${k + 1} the log-probability ${actual[k]}, the training graph ${expected[k]}: no bundle is written`,
      );
    }
    worst = Math.max(worst, difference);
  });
  return worst;
}

/** Parameters as the graphs of a bundle compute with them. */
export function parametersAsStored(parameters: NamedParameters, precision: Precision): NamedParameters {
  return new Map([...parameters].map(([name, p]) => [name, { ...p, data: asStored(p.data, precision) }]));
}

function asStored(values: Float32Array, precision: Precision): Float32Array {
  return precision === "fp32" ? values : fromFloat16(toFloat16(values));
}

/** Σ ln p of each target by the evaluation graph, one sentence a run. */
async function trainingScores(
  graph: TrainGraph,
  parameters: NamedParameters,
  samples: readonly Sample[],
): Promise<number[]> {
  const session = await createSession(graph.evaluation);
  const weights = Object.fromEntries([...parameters].map(([name, p]) => [name, float32(p.data, p.shape)]));
  const scores: number[] = [];
  for (const { source, target } of samples) {
    const ones = (length: number) => float32(new Float32Array(length).fill(1), [length, 1]);
    const { nll } = await session.run({
      ...weights,
      ...new CarriedState(graph.states, 1).feeds({}),
      ...(source.length > 0 ? { source: integers(source, [source.length, 1]), source_mask: ones(source.length) } : {}),
      target_in: integers([SPECIAL.bos, ...target.slice(0, -1)], [target.length, 1]),
      target_out: integers(target, [target.length, 1]),
      target_mask: ones(target.length),
      loss_scale: scalar(1),
    });
    scores.push(-Number(nll!.data[0]));
  }
  await session.release();
  return scores;
}
