export { byKind } from "./kind.js";
export { loadRecipe, parseRecipe } from "./load.js";
export { RecipeError } from "./recipe-error.js";
export type {
  AttentionRecipe,
  CtcRecipe,
  GenerationRecipe,
  Recipe,
  TokenizerOptions,
  TrainingOptions,
  TranslationRecipe,
} from "./schema.js";
export { recipeSchema } from "./schema.js";
