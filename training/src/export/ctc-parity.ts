import { SPECIAL } from "../data/special.js";
import type { CtcConfig } from "../models/ctc.js";
import { ctcFramesGraph } from "../models/train-graph.js";
import { bestPathTokens, type CtcHypothesis, type FrameLogProbabilities } from "../objectives/ctc-decoding.js";
import { createSession, float32, floats, integers } from "../onnx/runtime.js";
import type { NamedParameters } from "../trainer/parameters.js";
import type { InferenceGraphs } from "./graphs.js";
import { InferenceModel } from "./greedy.js";
import { ParityError, parametersAsStored, type Sample, TOLERANCE } from "./parity.js";
import type { Precision } from "./stored-weights.js";

/** Nats; rounding reaches about a hundredth of it. */
const TIE = 1e-3;

/**
 * Decodes sentences with the exported graphs, and by the frames of the trained network, both with the weights as they are
 * stored: tokens must be the same, and their log-probabilities. A sentence in which two labels of a frame are as good as
 * equal is not compared.
 * @returns the largest difference found, in nats a token
 * @throws ParityError when it is over the tolerance
 */
export async function checkCtcParity(options: {
  config: CtcConfig;
  exported: InferenceGraphs;
  parameters: NamedParameters;
  precision: Precision;
  samples: readonly Sample[];
}): Promise<number> {
  const { config, exported, samples, precision } = options;
  const frames = await trainedFrames(config, parametersAsStored(options.parameters, precision), samples);
  const compared = samples.flatMap(({ source }, k) => (isTie(frames[k]!) ? [] : [{ source, frames: frames[k]! }]));
  if (compared.length === 0) return 0;
  const sources = compared.map((c) => c.source);
  const actual = await exportedTokens(exported, { sources, upsample: config.upsample });
  const differences = compared.map((c, k) => difference(actual[k]!, bestPathTokens(c.frames), k + 1));
  return Math.max(...differences);
}

function difference(actual: CtcHypothesis, expected: CtcHypothesis, sample: number): number {
  if (actual.tokens.join() !== expected.tokens.join()) {
    throw new ParityError(
      `the exported graphs decode sample ${sample} to ${actual.tokens}, the trained network to ${expected.tokens}: no bundle is written`,
    );
  }
  const apart = Math.abs(actual.score - expected.score) / Math.max(1, expected.tokens.length);
  // a number that is not one must not pass
  if (apart <= TOLERANCE) return apart;
  throw new ParityError(
    `the exported graphs give sample ${sample} the log-probability ${actual.score}, the trained network ${expected.score}: no bundle is written`,
  );
}

async function exportedTokens(
  graphs: InferenceGraphs,
  { sources, upsample }: { sources: readonly (readonly number[])[]; upsample: number },
): Promise<CtcHypothesis[]> {
  const model = await InferenceModel.create(graphs, {});
  const maxLength = upsample * Math.max(...sources.map((s) => s.length));
  const tokens = await model.greedy(sources, { special: SPECIAL, maxLength });
  const ended = tokens.map((ids) => [...ids, SPECIAL.eos]);
  const scores = await model.score(sources, ended, SPECIAL.bos);
  await model.release();
  return tokens.map((ids, k) => ({ tokens: ids, score: scores[k]! }));
}

/** Log-probabilities of the frames of each sentence, one sentence a run. */
export async function trainedFrames(
  config: CtcConfig,
  parameters: NamedParameters,
  samples: readonly Sample[],
): Promise<FrameLogProbabilities[]> {
  const session = await createSession(ctcFramesGraph(config));
  const weights = Object.fromEntries([...parameters].map(([name, p]) => [name, float32(p.data, p.shape)]));
  const found: FrameLogProbabilities[] = [];
  for (const { source } of samples) {
    const { logits } = await session.run({
      ...weights,
      source: integers(source, [source.length, 1]),
      source_mask: float32(new Float32Array(source.length).fill(1), [source.length, 1]),
    });
    const [frames, , vocabulary] = logits!.dims as [number, number, number];
    found.push(normalized({ values: floats(logits!).slice(), frames, vocabulary }));
  }
  await session.release();
  return found;
}

/** Logits → log-probabilities, in place. */
function normalized(logits: FrameLogProbabilities): FrameLogProbabilities {
  for (const row of rowsOf(logits)) {
    const highest = Math.max(...row);
    const normalizer = highest + Math.log(row.reduce((sum, x) => sum + Math.exp(x - highest), 0));
    row.forEach((x, k) => {
      row[k] = x - normalizer;
    });
  }
  return logits;
}

function isTie(frames: FrameLogProbabilities): boolean {
  return rowsOf(frames).some((row) => {
    const [first, second] = row.toSorted().reverse();
    return first! - second! < TIE;
  });
}

function rowsOf({ values, frames, vocabulary }: FrameLogProbabilities): Float32Array[] {
  return Array.from({ length: frames }, (_, t) => values.subarray(t * vocabulary, (t + 1) * vocabulary));
}
