// What both sides time: the network and training of a recipe, the batch, threads and steps. Run alone it prints the
// setting as JSON, for train.py --setting.
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadRecipe, seq2seqConfigOf } from "@carousel/training";
import { wholeNumber } from "./whole-number.mjs";

/** Sizes as `carousel bench train` has them. */
export const settingOptions = {
  recipe: {
    type: "string",
    default: fileURLToPath(new URL("../../../training/recipes/tatoeba-ja-en.yaml", import.meta.url)),
  },
  sentences: { type: "string", default: "128" },
  "source-length": { type: "string", default: "10" },
  "target-length": { type: "string", default: "10" },
  threads: { type: "string", default: String(availableParallelism()) },
  warmup: { type: "string", default: "5" },
  steps: { type: "string", default: "20" },
};

/** The setting that these options ask for. @throws RecipeError, RangeError */
export async function settingOf(options) {
  const recipe = await loadRecipe(options.recipe);
  const { seed, labelSmoothing, optimizer, learningRate, clipNorm, stepsPerRun } = recipe.training;
  if (optimizer.kind !== "adam" || optimizer.weightDecay !== 0) {
    throw new RangeError(
      `${recipe.name} trains with ${JSON.stringify(optimizer)}; only Adam without weight decay is timed`,
    );
  }
  const count = (name) => wholeNumber(name, options[name], { min: 1 });
  return {
    recipe: recipe.name,
    network: seq2seqConfigOf(recipe),
    training: { seed, labelSmoothing, optimizer, learningRate, clipNorm, stepsPerRun },
    batch: {
      sentences: count("sentences"),
      sourceLength: wholeNumber("source-length", options["source-length"], { min: 2 }),
      targetLength: wholeNumber("target-length", options["target-length"], { min: 2 }),
    },
    threads: count("threads"),
    warmup: count("warmup"),
    steps: count("steps"),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: settingOptions });
  console.log(JSON.stringify(await settingOf(values), null, 2));
}
