import type { AttentionRecipe, CtcRecipe, TranslationRecipe } from "./schema.js";

/** What a translation recipe's kind of model makes of it. */
export function byKind<T>(
  recipe: TranslationRecipe,
  cases: { attention: (recipe: AttentionRecipe) => T; ctc: (recipe: CtcRecipe) => T },
): T {
  return isCtc(recipe) ? cases.ctc(recipe) : cases.attention(recipe as AttentionRecipe);
}

function isCtc(recipe: TranslationRecipe): recipe is CtcRecipe {
  return recipe.model.kind === "ctc";
}
