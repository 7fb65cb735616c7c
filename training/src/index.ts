export { DataError } from "./data/data-error.js";
export { loadRecipe, parseRecipe, type Recipe, RecipeError } from "./recipe/index.js";
export type { OnProgress, StepEvent, TrainingEvent, ValidationEvent } from "./trainer/events.js";
export type { ExportBundle, TrainedModel, Translate } from "./trainer/extensions.js";
export { progressLine } from "./trainer/progress-line.js";
export { type TrainOptions, type TrainResult, train } from "./trainer/train.js";
export { TrainingError } from "./trainer/training-error.js";
