import { join } from "node:path";
import { type Manifest, requireBundleOrNothing } from "@carousel/bundle";
import { bundleOf, exportBundle } from "./export/export-bundle.js";
import { sampleModel } from "./export/sample.js";
import { translateGreedily } from "./export/translate.js";
import type { Device } from "./onnx/runtime.js";
import { loadRecipe } from "./recipe/index.js";
import type { OnProgress } from "./trainer/events.js";
import { type TrainResult, train as trainModel } from "./trainer/train.js";

export interface TrainOptions {
  /** Path of a recipe file. */
  readonly recipe: string;
  /** Assignments that override the recipe, such as `training.seed=2` or `data=FOLDER`. */
  readonly overrides?: readonly string[];
  /** Where checkpoints, history and the bundle go; `runs/<recipe's name>` by default. */
  readonly runFolder?: string;
  /** Go on from the folder's last checkpoint. */
  readonly resume?: boolean;
  /** Where the steps run; cpu when absent. */
  readonly device?: Device | undefined;
  /** By default progress is shown on standard error. */
  readonly onProgress?: OnProgress;
}

export interface Trained extends TrainResult {
  /** Absent when training was interrupted. */
  readonly bundle?: { readonly folder: string; readonly manifest: Manifest };
}

/**
 * From a recipe to a model bundle in `<run folder>/bundle`.
 * @throws RecipeError, DataError, TrainingError, OccupiedError when another process trains there, BundleError when something
 * else stands where the bundle goes, or ParityError when the exported graphs disagree with the trained ones
 */
export async function train(options: TrainOptions): Promise<Trained> {
  const { overrides = [], resume = false, onProgress } = options;
  const recipe = await loadRecipe(options.recipe, { set: overrides });
  const runFolder = options.runFolder ?? join("runs", recipe.name);
  await requireBundleOrNothing(bundleOf(runFolder));
  let bundle: Trained["bundle"];
  const result = await trainModel({
    recipe,
    runFolder,
    resume,
    device: options.device,
    ...(onProgress ? { onProgress } : {}),
    takeSamples: sampleModel,
    ...(recipe.task === "translation" ? { translate: translateGreedily } : {}),
    async exportBundle(finished) {
      bundle = await exportBundle(finished);
    },
  });
  return { ...result, ...(bundle ? { bundle } : {}) };
}
