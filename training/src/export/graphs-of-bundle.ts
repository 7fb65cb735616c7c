import type { Manifest } from "@carousel/bundle";
import { ctcConfigOfBundle, seq2seqConfigOfBundle } from "../bench/bench-recipe.js";
import type { Recurrences } from "../models/encoder.js";
import { type GenerationRecipe, RecipeError } from "../recipe/index.js";
import { languageModelConfig } from "../trainer/from-recipe.js";
import type { Pretrained } from "../trainer/pretrained.js";
import { ctcGraphs, type InferenceGraphs, languageModelGraphs, seq2seqGraphs, type Trained } from "./graphs.js";
import type { Arithmetic, Precision } from "./stored-weights.js";

/** The graphs of a bundle written anew around its weights. @throws RecipeError when it does not say what its network is */
export function graphsOfBundle(
  manifest: Manifest,
  {
    weights,
    recurrences,
    arithmetic = arithmeticOf(manifest),
  }: { weights: Pretrained["weights"]; recurrences?: Recurrences; arithmetic?: Arithmetic },
): InferenceGraphs {
  const trained = { parameters: weights, precision: precisionOf(manifest), arithmetic, special: manifest.special };
  const shortlist = manifest.task === "translation" && manifest.shortlist ? { shortlist: "taken" as const } : {};
  return graphsOf(manifest, { ...trained, ...shortlist, ...(recurrences ? { recurrences } : {}) });
}

/** What an upgraded bundle goes on computing in. */
function arithmeticOf({ architecture }: Manifest): Arithmetic {
  return architecture.arithmetic === "fp16" ? "fp16" : "fp32";
}

function precisionOf({ name, architecture: { precision } }: Manifest): Precision {
  if (precision === "fp16" || precision === "fp32") return precision;
  const stored =
    precision === undefined ? "does not say how it stores its weights" : `stores its weights as ${precision}`;
  throw new RecipeError(`${name} ${stored}: fp16 or fp32 is wanted`);
}

function graphsOf(manifest: Manifest, trained: Trained): InferenceGraphs {
  const { architecture: model, vocabulary } = manifest;
  if (manifest.task === "generation") {
    return languageModelGraphs(languageModelConfig({ model: model as GenerationRecipe["model"] }, vocabulary), trained);
  }
  if (model.kind === "ctc") {
    if (trained.arithmetic === "fp16") throw new RecipeError(`${manifest.name} is of kind ctc, which is fp32 only`);
    return ctcGraphs(ctcConfigOfBundle(manifest), trained);
  }
  return seq2seqGraphs(seq2seqConfigOfBundle(manifest), trained);
}
