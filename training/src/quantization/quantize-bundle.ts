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
  /** Largest change of the log-probability of random sentences, in nats a token. */
  readonly difference: number;
}

/**
 * Writes a bundle whose products with constant matrices are in int8. Its graphs are written anew around its weights, in the
 * newest format, and recurrences as Scans: the products of the standard's recurrent operators cannot be had row by row.
 * @param options.out the new bundle's folder
 * @throws BundleError when the bundle is none or damaged, RecipeError when it does not say what its
 * network is, QuantizationError when it is in int8 already or comes out broken
 */
export async function quantizeBundle(options: { folder: string; out: string }): Promise<Quantized> {
  const { bundle, weights } = await readPretrained(options.folder);
  const { formatVersion: _, version: __, schema: ___, files: ____, ...before } = bundle.manifest;
  const { precision } = before.architecture;
  if (precision === "int8") throw new QuantizationError(`${options.folder} is in int8 already`);
  const old = await readGraphs(bundle);
  const graphs = quantizeGraphs(graphsOfBundle(bundle.manifest, { weights, recurrences: "scans" }));
  const difference = await compareGraphs(bundle.manifest, { old, fresh: graphs });
  // a number that is not one must not pass
  if (!(difference < Number.POSITIVE_INFINITY)) {
    throw new QuantizationError(
      `${before.name} comes out broken: it gives sentences the log-probability ${difference}`,
    );
  }
  const architecture = { ...before.architecture, precision: "int8" };
  const manifest = { ...before, architecture };
  const after = await rewriteBundle({ bundle, folder: options.out, graphs, manifest });
  return { before: bundle.manifest, after, difference };
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
