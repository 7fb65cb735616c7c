import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  encodeLexicon,
  type Lexicon,
  type Manifest,
  type NewManifest,
  type WordFilter,
  writeBundle,
} from "@carousel/bundle";
import { SPECIAL } from "../data/special.js";
import { wordsOfRun } from "../known-words/words-of-run.js";
import { WORDS_FILE } from "../known-words/words-seen.js";
import { byKind, type Recipe } from "../recipe/index.js";
import { lexiconOfRun } from "../shortlist/lexicon-of-run.js";
import { SHORTLIST_FILE } from "../shortlist/shortlist-file.js";
import type { TrainedModel } from "../trainer/extensions.js";
import type { FinalScores } from "../trainer/final.js";
import { ctcConfig, trainGraphOf } from "../trainer/from-recipe.js";
import { readOrigin } from "../trainer/origin.js";
import { RunFolder } from "../trainer/run-folder.js";
import { checkCtcParity } from "./ctc-parity.js";
import type { InferenceGraphs } from "./graphs.js";
import { inferenceOf } from "./inference-of.js";
import { LONGEST, LONGEST_GENERATION } from "./longest.js";
import { modelCard } from "./model-card.js";
import { checkParity } from "./parity.js";
import { paritySamples } from "./parity-samples.js";

export interface Finished extends TrainedModel {
  readonly scores: FinalScores;
  readonly runFolder: string;
}

/** Where a training writes its bundle. */
export function bundleOf(runFolder: string): string {
  return join(runFolder, "bundle");
}

/**
 * Writes the bundle of a trained model into `<run folder>/bundle`.
 * @throws ParityError when the exported graphs do not say what the trained one says
 */
export async function exportBundle(finished: Finished): Promise<{ folder: string; manifest: Manifest }> {
  const { recipe, runFolder, scores } = finished;
  const { precision } = recipe.export;
  const shortlist = recipe.export.shortlist && "taken";
  const { graphs: exported, parameters } = inferenceOf(finished, { precision, shortlist });
  const parity = await parityOf(finished, { exported, parameters, precision, samples: await paritySamples(finished) });
  const folder = bundleOf(runFolder);
  const run = new RunFolder(runFolder);
  const origin = await readOrigin(run);
  const words = await wordsOfRun(finished.corpus, { run, origin });
  const manifest = manifestOf(finished, { exported, parity, words });
  const lexicon = await lexiconOfRun(finished, run);
  const files = await filesOf(finished, { exported, words, lexicon });
  const card = new TextEncoder().encode(modelCard({ recipe, scores, parity, manifest, origin }));
  return { folder, manifest: await writeBundle({ folder, manifest, files: { ...files, "README.md": card } }) };
}

type Compared = Omit<Parameters<typeof checkParity>[0], "graph">;

/** The largest difference between the exported graphs and the trained network, in nats a token. */
function parityOf({ recipe, corpus: { vocabulary } }: Finished, compared: Compared): Promise<number> {
  const byLikelihood = () => {
    const unsmoothed = { ...recipe, training: { ...recipe.training, labelSmoothing: 0 } };
    return checkParity({ ...compared, graph: trainGraphOf(unsmoothed, vocabulary) });
  };
  if (recipe.task === "generation") return byLikelihood();
  return byKind(recipe, {
    attention: byLikelihood,
    ctc: (r) => checkCtcParity({ ...compared, config: ctcConfig(r, vocabulary) }),
  });
}

function manifestOf(
  { recipe, corpus, parameters, scores }: Finished,
  { exported, parity, words }: { exported: InferenceGraphs; parity: number; words: WordFilter | undefined },
): NewManifest {
  const count = [...parameters.values()].reduce((sum, p) => sum + p.data.length, 0);
  const { test, ...valid } = scores;
  const common = {
    name: recipe.name,
    special: SPECIAL,
    state: exported.state as NewManifest["state"],
    architecture: {
      ...recipe.model,
      kind: architectureOf(recipe),
      parameters: count,
      precision: recipe.export.precision,
    },
    metrics: { valid, ...(test ? { test } : {}), parity },
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
    ...(recipe.export.shortlist ? { shortlist: SHORTLIST_FILE } : {}),
    ...(words ? { words: WORDS_FILE } : {}),
  };
}

function architectureOf(recipe: Recipe): string {
  if (recipe.task === "generation") return "language-model";
  return byKind(recipe, { attention: () => "seq2seq", ctc: () => "ctc" });
}

async function filesOf(
  { recipe, corpus }: Finished,
  {
    exported,
    words,
    lexicon,
  }: { exported: InferenceGraphs; words: WordFilter | undefined; lexicon: Lexicon | undefined },
): Promise<Record<string, Uint8Array>> {
  const { source, target } = corpus.tokenizerFiles;
  const files: Record<string, Uint8Array> = { "decoder.onnx": exported.decoder };
  if (lexicon) files[SHORTLIST_FILE] = encodeLexicon(lexicon);
  if (words) files[WORDS_FILE] = words.bytes;
  if (exported.encoder) files["encoder.onnx"] = exported.encoder;
  if (recipe.tokenizer.shared) return { ...files, "shared.model": await readFile(target) };
  if (source && recipe.task === "translation") files["source.model"] = await readFile(source);
  return { ...files, "target.model": await readFile(target) };
}
