import type { TokenPair } from "../data/parallel.js";
import { framesNeeded } from "../objectives/ctc.js";
import { byKind, type TranslationRecipe } from "../recipe/index.js";

/**
 * For connectionist temporal classification, how many pairs no alignment fits: nothing is learned from them, and they count
 * nothing in a validation, which is then better than it should be. Empty for other models, and when all fit.
 */
export function withoutAlignment(
  recipe: TranslationRecipe,
  { train, valid }: { train: readonly TokenPair[]; valid: readonly TokenPair[] },
): string {
  return byKind(recipe, {
    attention: () => "",
    ctc({ model: { upsample } }) {
      // the eos of a source has frames too
      const tooLong = (p: TokenPair) => framesNeeded(p.target) > upsample * (p.source.length + 1);
      const [inTrain, inValid] = [train.filter(tooLong).length, valid.filter(tooLong).length];
      if (inTrain + inValid === 0) return "";
      return `; too long for ${upsample} frames a source token, and so without effect: ${inTrain} training pairs, ${inValid} for validation (see model.upsample)`;
    },
  });
}
