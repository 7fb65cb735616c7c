import type { Recipe } from "../recipe/index.js";

/** What the accuracy of a validation counts: see Evaluation. */
export function accuracyName(recipe: Recipe): string {
  return isCtc(recipe) ? "tokens right in their place" : "next token right";
}

export function isCtc(recipe: Recipe): boolean {
  return recipe.task === "translation" && recipe.model.kind === "ctc";
}
