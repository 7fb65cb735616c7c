export { byKind } from "./kind.js";
export { loadRecipe, parseRecipe } from "./load.js";
export { RecipeError } from "./recipe-error.js";
export {
  type AttentionRecipe,
  type CtcRecipe,
  type GenerationRecipe,
  type Recipe,
  recipeSchema,
  type TokenizerOptions,
  type TrainingOptions,
  type TranslationRecipe,
} from "./schema.js";
