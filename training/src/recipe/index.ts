export { loadRecipe, parseRecipe } from "./load.js";
export { RecipeError } from "./recipe-error.js";
export type { GenerationRecipe, Recipe, TokenizerOptions, TrainingOptions, TranslationRecipe } from "./schema.js";
