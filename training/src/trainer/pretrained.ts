import { readFile } from "node:fs/promises";
import { type Bundle, verifyBundle } from "@carousel/bundle";
import { type StoredTensor, storedTensors } from "../export/stored-tensors.js";
import { outputOf, SUPPRESSED } from "../export/suppressed.js";
import { writeAtomically } from "../files.js";
import { dequantized } from "../quantization/dequantize.js";
import type { Recipe } from "../recipe/index.js";
import type { ParameterLayout } from "./parameters.js";
import type { RunFolder } from "./run-folder.js";
import { TrainingError } from "./training-error.js";

/** A model to start from instead of random parameters. */
export interface Pretrained {
  readonly bundle: Bundle;
  /** By parameter name; none of a bundle in int8 that does not say which is which. */
  readonly weights: ReadonlyMap<string, StoredTensor>;
}

/** Names that the graphs give to constants of their own. */
const CONSTANT = /^const_\d+$/;

/** Reads a model bundle to train on. @throws BundleError when it is none or damaged */
export async function readPretrained(folder: string): Promise<Pretrained> {
  const bundle = await verifyBundle(folder);
  const { graphs, architecture } = bundle.manifest;
  const weights = new Map<string, StoredTensor>();
  for (const file of Object.values(graphs)) {
    const bytes = await readFile(bundle.path(file));
    const stored =
      architecture.precision === "int8" ? dequantized(storedTensors(bytes, "int8 too")) : storedTensors(bytes);
    for (const [name, tensor] of stored) if (!CONSTANT.test(name)) weights.set(name, tensor);
  }
  return { bundle, weights };
}

/**
 * Puts the bundle's tokenizers where the run's own would be.
 * @throws TrainingError when the bundle is one in int8 that does not say which weight is which, or of another task than the recipe, or shares its tokenizers otherwise
 */
export async function takeTokenizers(
  { bundle, weights }: Pretrained,
  run: { recipe: Recipe; folder: RunFolder },
): Promise<void> {
  const { recipe, folder } = run;
  if (weights.size === 0) {
    throw new TrainingError(
      `${bundle.folder} is in int8 and does not say which weight is which, as bundles made before do not: quantize it anew, or ` +
        "start from the bundle in fp16 or fp32 that it was quantized from",
    );
  }
  const { task, tokenizer } = bundle.manifest;
  if (task !== recipe.task) {
    throw new TrainingError(`${bundle.folder} is a model for ${task}, the recipe is for ${recipe.task}`);
  }
  const take = async (file: string, side: "source" | "target" | "shared") =>
    writeAtomically(folder.tokenizer(side), [await readFile(bundle.path(file))]);
  if (!("source" in tokenizer)) return take(tokenizer.target, "target");
  const shared = tokenizer.source === tokenizer.target;
  if (shared !== recipe.tokenizer.shared) {
    throw new TrainingError(
      `${bundle.folder} has ${shared ? "one tokenizer for both sides" : "a tokenizer for each side"}: set tokenizer.shared to ${shared}`,
    );
  }
  if (shared) return take(tokenizer.target, "shared");
  await take(tokenizer.source, "source");
  await take(tokenizer.target, "target");
}

/** What a training that starts from the bundle should know. */
export function warningsOf({ bundle }: Pretrained, recipe: Recipe): string[] {
  return [otherLanguages(bundle, recipe), lacksShortlist(bundle, recipe)].filter((warning) => warning !== undefined);
}

/** The bundle's tokenizers hardly know a text of other languages. */
function otherLanguages(bundle: Bundle, recipe: Recipe): string | undefined {
  const theirs = Object.values(bundle.manifest.languages).map(primary);
  const ours = (recipe.task === "translation" ? [recipe.data.source, recipe.data.target] : [recipe.data]).map((side) =>
    primary(side.language),
  );
  if (theirs.join() === ours.join()) return undefined;
  return `its languages are ${theirs.join(" → ")}, the recipe's ${ours.join(" → ")}: are its tokenizers made for this text?`;
}

/** A model knows more than what its source tokens become in a new text. */
function lacksShortlist({ manifest }: Bundle, { export: { shortlist } }: Recipe): string | undefined {
  if (!shortlist || (manifest.task === "translation" && manifest.shortlist)) return undefined;
  return "it has no shortlist: that of export.shortlist has only what this text's words become; carousel shortlist learns one of more text";
}

/** en of en-GB. */
function primary(language: string): string {
  return language.split("-")[0]!.toLowerCase();
}

/**
 * The bundle's weights as flat parameters.
 * @throws TrainingError naming the first weight that is missing, of another shape, or without a place in the model, or a
 * cell that is another
 */
export function pretrainedParameters(
  { bundle, weights }: Pretrained,
  { layout, recipe }: { layout: ParameterLayout; recipe: Recipe },
): Float32Array {
  requireSameCells(bundle, recipe);
  const ruledOut = SUPPRESSED[outputOf(bundle.manifest.architecture.kind)];
  const flat = new Float32Array(layout.size);
  const named = layout.named(flat);
  for (const [name, { shape, data }] of named) {
    const stored = weights.get(name);
    if (!stored) throw new TrainingError(`${bundle.folder} has no weight ${name} [${shape.join(", ")}]: ${ADVICE}`);
    if (stored.shape.join() !== shape.join()) {
      throw new TrainingError(
        `the weight ${name} of ${bundle.folder} is [${stored.shape.join(", ")}], the recipe's is [${shape.join(", ")}]: ${ADVICE}`,
      );
    }
    data.set(name === "output.b" ? withPossible(stored.data, ruledOut) : stored.data);
  }
  for (const name of weights.keys()) {
    if (!named.has(name)) {
      throw new TrainingError(`the weight ${name} of ${bundle.folder} has no place in the recipe's model: ${ADVICE}`);
    }
  }
  return flat;
}

const ADVICE = "the recipe's model must be the one that the bundle's manifest describes as its architecture";

/** Cells of as many gates have weights of one shape. */
function requireSameCells({ folder, manifest }: Bundle, recipe: Recipe): void {
  for (const part of ["encoder", "decoder"]) {
    const [theirs, ours] = [cellOf(manifest.architecture, part), cellOf(recipe.model, part)];
    if (theirs === undefined || theirs === ours) continue;
    throw new TrainingError(`the ${part}'s cell of ${folder} is ${theirs}, the recipe's is ${ours}: ${ADVICE}`);
  }
}

function cellOf(model: object, part: string): unknown {
  const { cell, [part]: stack } = model as Record<string, { readonly cell?: unknown } | undefined>;
  return stack?.cell ?? cell;
}

/** What an exported model never says is, to train on, only less likely than all else. */
function withPossible(bias: Float32Array, ruledOut: readonly number[]): Float32Array {
  const least = bias.reduce((min, b, id) => (ruledOut.includes(id) ? min : Math.min(min, b)), Number.POSITIVE_INFINITY);
  const copy = bias.slice();
  for (const id of ruledOut) copy[id] = least;
  return copy;
}
