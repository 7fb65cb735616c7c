import { BundleError, readBundle, type TensorSpec } from "@carousel/bundle";
import { samplingOptions, searchOptions } from "./gateway/validate.js";
import { LocalModel } from "./local.js";
import type { DeclaredTensor } from "./worker/graph-session.js";
import { takesShortlist } from "./worker/load-model.js";
import { OnnxSession } from "./worker/runtime.js";

/** What every decoder takes and gives beside memory and state (docs/model-bundle.md). */
const DECODER_INPUTS = [
  "steps",
  "token",
  "score",
  "position",
  "beam_size",
  "min_length",
  "forced",
  "temperature",
  "top_k",
  "top_p",
  "uniform",
];
const DECODER_OUTPUTS = ["tokens", "parents", "scores", "next.token", "next.score", "next.position", "next.beam_size"];
/** And beside these from format 2 on. */
const WISHES = ["slots", "suppressed", "repetition_penalty", "no_repeat_ngram", "history"];
/** And where the bundle has a shortlist the decoder beside these, or the encoder where it chooses the tokens. */
const SHORTLIST = ["columns", "places"];
const ANSWERS_TO_WISHES = ["log_probs", "next.history"];

/**
 * Loads the graphs of a bundle, compares their tensors with the manifest, and runs a text.
 * @returns the text and what the model makes of it; nothing where it computes in halves, which a CPU does not
 * @throws BundleError naming the tensor that is missing or of another shape
 */
export async function checkBundle(folder: string): Promise<{ source: string; output: string } | undefined> {
  const { manifest, path } = await readBundle(folder);
  const { memory, state } = manifest;
  const decoder = await declaredTensors(path(manifest.graphs.decoder));
  const where = (graph: string, side: string) => `${folder}/${graph}: ${side}`;
  const inputs = where(manifest.graphs.decoder, "input");
  const wishes = manifest.formatVersion > 1;
  for (const name of [...DECODER_INPUTS, ...(wishes ? WISHES : [])]) find(decoder.inputs, name, inputs);
  for (const spec of [...memory, ...state]) compare(find(decoder.inputs, spec.name, inputs), spec, inputs);
  const outputs = where(manifest.graphs.decoder, "output");
  for (const name of [...DECODER_OUTPUTS, ...(wishes ? ANSWERS_TO_WISHES : [])]) find(decoder.outputs, name, outputs);
  for (const spec of state) compare(find(decoder.outputs, `next.${spec.name}`, outputs), spec, outputs);
  if (manifest.task === "translation") {
    const encoder = await declaredTensors(path(manifest.graphs.encoder));
    const given = where(manifest.graphs.encoder, "output");
    const taken = where(manifest.graphs.encoder, "input");
    for (const name of ["source", "source_length"]) find(encoder.inputs, name, taken);
    for (const name of manifest.shortlist && !takesShortlist(encoder) ? SHORTLIST : [])
      find(decoder.inputs, name, inputs);
    for (const spec of [...memory, ...state]) compare(find(encoder.outputs, spec.name, given), spec, given);
  }
  return manifest.architecture.arithmetic === "fp16" ? undefined : runText(folder, manifest.task);
}

async function declaredTensors(path: string) {
  const session = await OnnxSession.create(path, { device: "cpu", threads: 1, optimization: "basic" });
  const { inputs, outputs } = session;
  await session.release();
  return { inputs, outputs };
}

function find(tensors: readonly DeclaredTensor[], name: string, where: string): DeclaredTensor {
  const found = tensors.find((t) => t.name === name);
  if (!found) throw new BundleError(`${where} ${name} is missing; there are ${tensors.map((t) => t.name).join(", ")}`);
  return found;
}

/** Named sizes may be called anything; known ones must be the same. */
function compare(actual: DeclaredTensor, spec: TensorSpec, where: string): void {
  const fits =
    actual.dtype === spec.dtype &&
    actual.shape.length === spec.shape.length &&
    spec.shape.every((d, k) => typeof d !== "number" || typeof actual.shape[k] !== "number" || actual.shape[k] === d);
  if (!fits) {
    const said = `${spec.dtype} [${spec.shape.join(", ")}]`;
    throw new BundleError(
      `${where} ${actual.name} is ${actual.dtype} [${actual.shape.join(", ")}], the manifest says ${said}`,
    );
  }
}

async function runText(
  folder: string,
  task: "translation" | "generation",
): Promise<{ source: string; output: string }> {
  const model = await LocalModel.open(folder, { intraOpThreads: 1 });
  try {
    if (task === "generation") {
      const { text } = await model.generate("", samplingOptions({ temperature: 0, maxTokens: 16 }), () => {});
      return { source: "", output: text };
    }
    const source = model.model.sourceLanguage?.startsWith("ja") ? "彼は医者です。" : "He is a doctor.";
    for await (const { hypotheses } of model.translate([source], searchOptions())) {
      return { source, output: hypotheses[0]!.text };
    }
    throw new BundleError(`${folder} gives no translation`);
  } finally {
    await model.close();
  }
}
