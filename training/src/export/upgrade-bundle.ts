import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bundle, type Manifest, type NewManifest, writeBundle } from "@carousel/bundle";
import { seq2seqConfigOfBundle } from "../bench/bench-recipe.js";
import { Random } from "../random.js";
import { type CtcRecipe, type GenerationRecipe, RecipeError } from "../recipe/index.js";
import { ctcConfig, languageModelConfig } from "../trainer/from-recipe.js";
import { readPretrained } from "../trainer/pretrained.js";
import { ctcGraphs, type InferenceGraphs, languageModelGraphs, seq2seqGraphs, type Trained } from "./graphs.js";
import { InferenceModel } from "./greedy.js";
import { ParityError, TOLERANCE } from "./parity.js";
import type { Precision } from "./stored-weights.js";

/**
 * Writes the graphs of a bundle anew around its own weights, in the newest format, in the place of the old ones.
 * @throws RecipeError when the bundle does not say what its network is, BundleError when it is damaged, ParityError when
 * the new graphs do not say what the old ones say
 */
export async function upgradeBundle(folder: string): Promise<{ before: Manifest; after: Manifest; parity: number }> {
  const { bundle, weights } = await readPretrained(folder);
  const before = bundle.manifest;
  const precision = precisionOf(before);
  const graphs = graphsOf(before, { parameters: weights, precision, special: before.special });
  const parity = await compare(before, { old: await readGraphs(bundle), fresh: graphs });
  const others = await unlistedFiles(bundle);
  const { formatVersion: _, version: __, schema: ___, files, ...manifest } = before;
  const contents = await Promise.all(Object.keys(files).map(async (f) => [f, await readFile(bundle.path(f))] as const));
  const after = await writeBundle({
    folder,
    manifest: { ...manifest, memory: graphs.memory, state: graphs.state } as NewManifest,
    files: { ...Object.fromEntries(contents), ...filesOf(before, graphs) },
  });
  for (const [name, bytes] of others) await writeFile(join(folder, name), bytes);
  return { before, after, parity };
}

function precisionOf({ name, architecture: { precision } }: Manifest): Precision {
  if (precision === "fp16" || precision === "fp32") return precision;
  throw new RecipeError(`${name} stores its weights as ${precision ?? "it does not say what"}: fp16 or fp32 is wanted`);
}

function graphsOf(manifest: Manifest, trained: Trained): InferenceGraphs {
  const { architecture: model, vocabulary } = manifest;
  if (manifest.task === "generation") {
    return languageModelGraphs(
      languageModelConfig({ model } as unknown as GenerationRecipe, { ...vocabulary, source: 0 }),
      trained,
    );
  }
  if (model.kind === "ctc")
    return ctcGraphs(ctcConfig({ model } as unknown as CtcRecipe, manifest.vocabulary), trained);
  return seq2seqGraphs(seq2seqConfigOfBundle(manifest), trained);
}

async function readGraphs({ manifest, path }: Bundle): Promise<InferenceGraphs> {
  const { memory, state, graphs } = manifest;
  const decoder = await readFile(path(graphs.decoder));
  const encoder = "encoder" in graphs ? { encoder: await readFile(path(graphs.encoder)) } : {};
  return { ...encoder, decoder, memory, state };
}

function filesOf({ graphs }: Manifest, { encoder, decoder }: InferenceGraphs): Record<string, Uint8Array> {
  return { [graphs.decoder]: decoder, ...("encoder" in graphs && encoder ? { [graphs.encoder]: encoder } : {}) };
}

/** The model card and what it shows: files that the manifest does not list. */
async function unlistedFiles({ folder, manifest }: Bundle): Promise<(readonly [string, Uint8Array])[]> {
  const names = (await readdir(folder)).filter((name) => name !== "manifest.json" && !(name in manifest.files));
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const));
}

const SENTENCES = 8;
const LENGTH = 12;

/** The largest difference, in nats a token, between what two bundles say of random sentences. @throws ParityError */
async function compare(
  { name, task, vocabulary, special }: Manifest,
  { old, fresh }: { old: InferenceGraphs; fresh: InferenceGraphs },
): Promise<number> {
  const random = new Random(1);
  const drawn = (size: number) =>
    Array.from({ length: SENTENCES }, () => [
      ...Array.from({ length: 1 + random.below(LENGTH) }, () => special.eos + 1 + random.below(size - special.eos - 1)),
      special.eos,
    ]);
  const sources = task === "translation" ? drawn("source" in vocabulary ? vocabulary.source : 0) : [];
  const targets = drawn(vocabulary.target);
  const [before, after] = await Promise.all(
    [old, fresh].map(async (graphs) => {
      const model = await InferenceModel.create(graphs, {});
      const scores = await model.score(sources, targets, special.bos);
      await model.release();
      return scores;
    }),
  );
  const differences = targets.map((t, k) => Math.abs(after![k]! - before![k]!) / t.length);
  const worst = Math.max(...differences);
  if (worst <= TOLERANCE) return worst;
  throw new ParityError(`${name}: the new graphs differ from the old by ${worst} nats a token: nothing is written`);
}
