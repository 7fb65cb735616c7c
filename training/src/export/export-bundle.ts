import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Manifest, type NewManifest, writeBundle } from "@carousel/bundle";
import { readSplits } from "../data/generation-corpus.js";
import { EOS, SPECIAL } from "../data/special.js";
import type { TrainedModel } from "../trainer/extensions.js";
import type { FinalScores } from "../trainer/final.js";
import { languageModelConfig, seq2seqConfig, trainGraphOf } from "../trainer/from-recipe.js";
import { type InferenceGraphs, languageModelGraphs, seq2seqGraphs } from "./graphs.js";
import { modelCard } from "./model-card.js";
import { checkParity, type Sample } from "./parity.js";
import { withoutSuppressed } from "./suppressed.js";

export interface Finished extends TrainedModel {
  readonly scores: FinalScores;
  readonly runFolder: string;
}

const SAMPLES = 16;
/** Tokens a request may have on either side, eos included. */
const LONGEST = { source: 256, target: 256 };
const LONGEST_GENERATION = 4096;

/**
 * Writes the bundle of a trained model into `<run folder>/bundle`.
 * @throws ParityError when the exported graphs do not say what the trained one says
 */
export async function exportBundle(finished: Finished): Promise<{ folder: string; manifest: Manifest }> {
  const { recipe, corpus, runFolder, scores } = finished;
  const parameters = withoutSuppressed(finished.parameters);
  const { precision } = recipe.export;
  const exported = inferenceGraphs(finished, { parameters, precision, special: SPECIAL });
  const parity = await checkParity({
    graph: trainGraphOf({ ...recipe, training: { ...recipe.training, labelSmoothing: 0 } }, corpus.vocabulary),
    exported,
    parameters,
    precision,
    samples: await samplesOf(finished),
  });
  const folder = join(runFolder, "bundle");
  const manifest = manifestOf(finished, { exported, parity });
  const files = await filesOf(finished, exported);
  const card = new TextEncoder().encode(modelCard({ recipe, scores, parity, manifest }));
  return { folder, manifest: await writeBundle({ folder, manifest, files: { ...files, "README.md": card } }) };
}

function inferenceGraphs({ recipe, corpus }: Finished, trained: Parameters<typeof seq2seqGraphs>[1]): InferenceGraphs {
  return recipe.task === "translation"
    ? seq2seqGraphs(seq2seqConfig(recipe, corpus.vocabulary), trained)
    : languageModelGraphs(languageModelConfig(recipe, corpus.vocabulary), trained);
}

async function samplesOf({ recipe, corpus }: Finished): Promise<Sample[]> {
  const { source, target } = corpus.tokenizers;
  if (recipe.task === "translation") {
    const { held } = corpus;
    return held!.source.slice(0, SAMPLES).map((text, k) => ({
      source: [...source!.encode(text), EOS],
      target: [...target.encode(held!.target[k]!), EOS],
    }));
  }
  const { valid } = await readSplits(recipe);
  return valid
    .slice(0, SAMPLES * 100)
    .match(/[\s\S]{1,100}/g)!
    .map((text) => ({ source: [], target: [...target.encode(text), EOS] }));
}

function manifestOf(
  { recipe, corpus, parameters, scores }: Finished,
  { exported, parity }: { exported: InferenceGraphs; parity: number },
): NewManifest {
  const count = [...parameters.values()].reduce((sum, p) => sum + p.data.length, 0);
  const common = {
    name: recipe.name,
    special: SPECIAL,
    state: exported.state as NewManifest["state"],
    architecture: {
      kind: recipe.task === "translation" ? "seq2seq" : "language-model",
      ...recipe.model,
      parameters: count,
      precision: recipe.export.precision,
    },
    metrics: { valid: { ...scores }, parity },
  };
  if (recipe.task === "generation") {
    return {
      ...common,
      task: "generation",
      languages: { target: recipe.data.language },
      tokenizer: { target: "target.model" },
      vocabulary: { target: corpus.vocabulary.target },
      graphs: { decoder: "decoder.onnx" },
      memory: [],
      limits: { target: LONGEST_GENERATION },
    };
  }
  return {
    ...common,
    task: "translation",
    languages: { source: recipe.data.source.language, target: recipe.data.target.language },
    tokenizer: recipe.tokenizer.shared
      ? { source: "shared.model", target: "shared.model" }
      : { source: "source.model", target: "target.model" },
    vocabulary: corpus.vocabulary,
    graphs: { encoder: "encoder.onnx", decoder: "decoder.onnx" },
    memory: exported.memory as NewManifest["memory"] & { 0: unknown },
    limits: LONGEST,
  };
}

async function filesOf({ recipe, corpus }: Finished, exported: InferenceGraphs): Promise<Record<string, Uint8Array>> {
  const { source, target } = corpus.tokenizerFiles;
  const files: Record<string, Uint8Array> = { "decoder.onnx": exported.decoder };
  if (exported.encoder) files["encoder.onnx"] = exported.encoder;
  if (recipe.tokenizer.shared) return { ...files, "shared.model": await readFile(target) };
  if (source && recipe.task === "translation") files["source.model"] = await readFile(source);
  return { ...files, "target.model": await readFile(target) };
}
