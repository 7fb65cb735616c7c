import type { Manifest } from "@carousel/bundle";
import type { CtcConfig } from "../models/ctc.js";
import type { Seq2SeqConfig } from "../models/seq2seq.js";
import {
  type AttentionRecipe,
  byKind,
  type CtcRecipe,
  type Recipe,
  RecipeError,
  type TranslationRecipe,
} from "../recipe/index.js";
import { ctcConfig, seq2seqConfig, type VocabularySizes } from "../trainer/from-recipe.js";
import { ctcOperations, operations } from "./operations.js";

/** A translation recipe, to be timed. @throws RecipeError for another task */
export function translationRecipe(recipe: Recipe): TranslationRecipe {
  if (recipe.task === "translation") return recipe;
  throw new RecipeError(`${recipe.name} is a ${recipe.task} recipe; a translation recipe is wanted`);
}

/** Vocabularies of the size that a recipe asks for. */
export function vocabularyOf({ tokenizer }: TranslationRecipe): VocabularySizes {
  const { vocabularySize, source, target } = tokenizer;
  return { source: source?.vocabularySize ?? vocabularySize, target: target?.vocabularySize ?? vocabularySize };
}

/** The network of a translation recipe with attention. @throws RecipeError for another recipe */
export function seq2seqConfigOf(recipe: Recipe): Seq2SeqConfig {
  return byKind(translationRecipe(recipe), {
    attention: (r) => seq2seqConfig(r, vocabularyOf(r)),
    ctc() {
      throw new RecipeError(`${recipe.name} has model.kind ctc; a recipe with attention is wanted`);
    },
  });
}

/**
 * Floating point operations of a training step of B sentences, of S and T tokens with eos, in the products the equations name:
 * forward, and backward, which has two products for each of the forward pass.
 */
export function stepOperations(recipe: TranslationRecipe, sizes: { B: number; S: number; T: number }): number {
  const vocabulary = vocabularyOf(recipe);
  return byKind(recipe, {
    attention: (r) => operations(seq2seqConfig(r, vocabulary), sizes),
    ctc: (r) => 3 * sizes.B * ctcOperations(ctcConfig(r, vocabulary), sizes),
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
