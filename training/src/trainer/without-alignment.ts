import { DataError } from "../data/data-error.js";
import type { TokenPair } from "../data/parallel.js";
import { framesNeeded } from "../objectives/ctc.js";
import { byKind, type TranslationRecipe } from "../recipe/index.js";

/**
 * For connectionist temporal classification, how many pairs no alignment fits: nothing is learned from them, and they count
 * nothing in a validation, which is then better than it should be. Empty for other models, and when all fit.
 * @throws DataError when none fits, of the training or of the validation: there would be nothing to learn from or to choose by
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
      const frames = `too long for ${upsample} ${upsample === 1 ? "frame" : "frames"} a source token`;
      if (inTrain === train.length)
        throw new DataError(`all ${inTrain} training pairs are ${frames}: raise model.upsample`);
      if (inValid === valid.length)
        throw new DataError(`all ${inValid} validation pairs are ${frames}: raise model.upsample`);
      if (inTrain + inValid === 0) return "";
      return `; ${frames}, and so without effect: ${inTrain} training pairs, ${inValid} for validation (see model.upsample)`;
    },
  });
}
