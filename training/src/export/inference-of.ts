import { SPECIAL } from "../data/special.js";
import { byKind } from "../recipe/index.js";
import type { TrainedModel } from "../trainer/extensions.js";
import { ctcConfig, languageModelConfig, seq2seqConfig } from "../trainer/from-recipe.js";
import type { NamedParameters } from "../trainer/parameters.js";
import { ctcGraphs, type InferenceGraphs, languageModelGraphs, seq2seqGraphs, type Trained } from "./graphs.js";
import type { Precision } from "./stored-weights.js";
import { SUPPRESSED, withoutSuppressed } from "./suppressed.js";

interface Inference {
  readonly graphs: InferenceGraphs;
  /** What the graphs hold. */
  readonly parameters: NamedParameters;
}

/** The graphs of a model with its weights as they are now. */
export function inferenceOf(
  model: TrainedModel,
  { precision, shortlist }: { precision: Precision; shortlist?: "taken" | undefined },
): Inference {
  const { recipe, corpus } = model;
  const { vocabulary } = corpus;
  const built = (suppressed: readonly number[], graphs: (trained: Trained) => InferenceGraphs): Inference => {
    const parameters = withoutSuppressed(model.parameters, suppressed);
    const trained = { parameters, precision, special: SPECIAL, ...(shortlist ? { shortlist } : {}) };
    return { graphs: graphs(trained), parameters };
  };
  if (recipe.task === "generation") {
    return built(SUPPRESSED.decoder, (t) => languageModelGraphs(languageModelConfig(recipe, vocabulary), t));
  }
  return byKind(recipe, {
    attention: (r) => built(SUPPRESSED.decoder, (t) => seq2seqGraphs(seq2seqConfig(r, vocabulary), t)),
    ctc: (r) => built(SUPPRESSED.frames, (t) => ctcGraphs(ctcConfig(r, vocabulary), t)),
  });
}
