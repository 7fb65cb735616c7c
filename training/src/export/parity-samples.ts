import { readSplits } from "../data/generation-corpus.js";
import { EOS } from "../data/special.js";
import type { TrainedModel } from "../trainer/extensions.js";
import { LONGEST } from "./longest.js";
import type { Sample } from "./parity.js";

const SAMPLES = 16;
/** Of running text. */
const CHARACTERS = 100;

/** Validation text to compare graphs on; sentences are cut to what the model takes, since all are padded to the longest. */
export async function paritySamples({ recipe, corpus }: Pick<TrainedModel, "recipe" | "corpus">): Promise<Sample[]> {
  const { source, target } = corpus.tokenizers;
  if (recipe.task === "translation") {
    const { held } = corpus;
    return held!.source.slice(0, SAMPLES).map((text, k) => ({
      source: [...source!.encode(text).slice(0, LONGEST.source - 1), EOS],
      target: [...target.encode(held!.target[k]!).slice(0, LONGEST.target - 1), EOS],
    }));
  }
  const { valid } = await readSplits(recipe);
  return valid
    .slice(0, SAMPLES * CHARACTERS)
    .match(new RegExp(`[\\s\\S]{1,${CHARACTERS}}`, "g"))!
    .map((text) => ({ source: [], target: [...target.encode(text), EOS] }));
}
