import type { Manifest } from "@carousel/bundle";
import { compareGraphs } from "../export/compare-graphs.js";
import type { InferenceGraphs } from "../export/graphs.js";
import { graphsOfBundle } from "../export/graphs-of-bundle.js";
import { readGraphs, rewriteBundle } from "../export/rewrite-bundle.js";
import { readPretrained } from "../trainer/pretrained.js";
import { QuantizationError } from "./quantization-error.js";
import { boundedOutputs, quantizeModel } from "./quantize-model.js";

export interface Quantized {
  readonly before: Manifest;
  readonly after: Manifest;
  /**
   * Largest change of the log-probability of random sentences, in nats a token. Absent where there is no decoder: what such a
   * model no longer says has no probability.
   */
  readonly difference?: number;
}

/** What a bundle may be made to compute in: int8 for a CPU, fp16 for a GPU. */
export const PRECISIONS = ["int8", "fp16"] as const;
export type TargetPrecision = (typeof PRECISIONS)[number];

/** Nats a token: what halves may change the log-probability of random sentences by; rounding reaches a tenth of it. */
const MOST_OF_HALVES = 0.1;

/**
 * Writes a bundle that computes in small numbers. Its graphs are written anew around its weights, in the newest format.
 *
 * int8: products with constant matrices are in int8, and recurrences are Scans: the products of the standard's recurrent
 * operators cannot be had row by row. fp16: weights, cells, products and attention are in halves, scores in fp32.
 * @param options.out the new bundle's folder
 * @throws BundleError when the bundle is none or damaged, RecipeError when it does not say what its
 * network is, QuantizationError when it is in small numbers already or comes out broken
 */
export async function quantizeBundle(options: {
  folder: string;
  out: string;
  /** int8 when absent. */
  precision?: TargetPrecision;
}): Promise<Quantized> {
  const { precision: target = "int8" } = options;
  const { bundle, weights } = await readPretrained(options.folder);
  const before = bundle.manifest;
  refuseSmall(options.folder, before.architecture);
  const old = await readGraphs(bundle);
  const graphs = {
    int8: () => quantizeGraphs(graphsOfBundle(before, { weights, recurrences: "scans" })),
    fp16: () => graphsOfBundle(before, { weights, arithmetic: "fp16" }),
  }[target]();
  const difference = await compareGraphs(before, { old, fresh: graphs });
  // a number that is not one must not pass
  if (!(difference < (target === "fp16" ? MOST_OF_HALVES : Number.POSITIVE_INFINITY))) {
    throw new QuantizationError(
      `${before.name} comes out broken: the log-probability of sentences changes by ${difference} nats a token`,
    );
  }
  const small = target === "fp16" ? { precision: "fp16", arithmetic: "fp16" } : { precision: "int8" };
  const architecture = { ...before.architecture, ...small };
  const after = await rewriteBundle({ bundle, folder: options.out, graphs, manifest: { ...before, architecture } });
  return { before, after, ...(before.architecture.kind === "ctc" ? {} : { difference }) };
}

function refuseSmall(folder: string, { precision, arithmetic }: Manifest["architecture"]): void {
  if (precision === "int8") throw new QuantizationError(`${folder} is in int8 already`);
  if (arithmetic === "fp16") throw new QuantizationError(`${folder} computes in fp16 already`);
}

function quantizeGraphs({ encoder, decoder, memory, state }: InferenceGraphs): InferenceGraphs {
  const nothing = new Set<string>();
  // a model without an encoder begins with zeros
  const atStart = encoder ? boundedOutputs(encoder, nothing) : new Set(state.map((s) => s.name));
  const quantized = quantizeModel(decoder, boundedAlways(decoder, { atStart, states: state.map((s) => s.name) }));
  return { ...(encoder ? { encoder: quantizeModel(encoder, nothing) } : {}), decoder: quantized, memory, state };
}

/** The inputs of a decoder that lie within −1…1 at the start and after every run. */
function boundedAlways(
  decoder: Uint8Array,
  { atStart, states }: { atStart: ReadonlySet<string>; states: readonly string[] },
): ReadonlySet<string> {
  const after = boundedOutputs(decoder, atStart);
  const left = new Set([...atStart].filter((name) => !states.includes(name) || after.has(`next.${name}`)));
  return left.size === atStart.size ? left : boundedAlways(decoder, { atStart: left, states });
}
