import type { Manifest } from "@carousel/bundle";
import type { CtcConfig } from "../models/ctc.js";
import type { Seq2SeqConfig } from "../models/seq2seq.js";
import { type AttentionRecipe, byKind, type CtcRecipe, type Recipe, RecipeError } from "../recipe/index.js";
import { ctcConfig, seq2seqConfig } from "../trainer/from-recipe.js";

/** The network of a translation recipe, with vocabularies of the size it asks for. @throws RecipeError for another task */
export function seq2seqConfigOf(recipe: Recipe): Seq2SeqConfig {
  if (recipe.task !== "translation")
    throw new RecipeError(`${recipe.name} is a ${recipe.task} recipe; a translation recipe is wanted`);
  const { vocabularySize } = recipe.tokenizer;
  return byKind(recipe, {
    attention: (r) => seq2seqConfig(r, { source: vocabularySize, target: vocabularySize }),
    ctc() {
      throw new RecipeError(`${recipe.name} has model.kind ctc; a recipe with attention is wanted`);
    },
  });
}

/** The network in a translation bundle that training wrote. @throws RecipeError for another bundle */
export function seq2seqConfigOfBundle({ name, task, architecture, vocabulary }: Manifest): Seq2SeqConfig {
  if (architecture.kind === "ctc") throw new RecipeError(`${name} has no decoder; a bundle with attention is wanted`);
  if (task !== "translation" || architecture.kind !== "seq2seq" || !("source" in vocabulary))
    throw unknownNetwork(name);
  return seq2seqConfig({ model: architecture as AttentionRecipe["model"] }, vocabulary);
}

/** The same of a bundle whose network says all tokens at once. @throws RecipeError for another bundle */
export function ctcConfigOfBundle({ name, task, architecture, vocabulary }: Manifest): CtcConfig {
  const known = architecture.kind === "ctc" && "encoder" in architecture;
  if (task !== "translation" || !known || !("source" in vocabulary)) throw unknownNetwork(name);
  return ctcConfig({ model: architecture as CtcRecipe["model"] }, vocabulary);
}

function unknownNetwork(name: string): RecipeError {
  return new RecipeError(
    `${name} does not say what its network is: it is not a translation bundle that carousel train wrote`,
  );
}
