import type { ParallelText } from "../data/parallel.js";
import { bleuTokenizerOf, corpusBleu } from "../metrics/bleu.js";
import type { Recipe } from "../recipe/index.js";
import type { Sample } from "../report/sample.js";
import type { Corpus } from "./corpus.js";
import type { FinalScores } from "./final.js";
import type { NamedParameters } from "./parameters.js";

/** A model with its weights at some time of training. */
export interface TrainedModel {
  readonly recipe: Recipe;
  readonly corpus: Corpus;
  /** Views of the trainer's memory: read them before training goes on. */
  readonly parameters: NamedParameters;
}

/** Translates source sentences, one result each, in order; their references only say what length is to be expected. */
export type Translate = (model: TrainedModel, text: ParallelText) => Promise<string[]>;

/** What a model says at this time of its training, for people to read: see Sample. */
export type TakeSamples = (model: TrainedModel) => Promise<Sample[]>;

/** Writes the model bundle of a finished training. */
export type ExportBundle = (
  model: TrainedModel & { readonly scores: FinalScores; readonly runFolder: string },
) => Promise<unknown>;

/** A function that gives the BLEU of parameters on the validation sentences; undefined when nothing can translate them. */
export function validationBleu(options: {
  recipe: Recipe;
  corpus: Corpus;
  translate: Translate | undefined;
  named: (parameters: Float32Array) => NamedParameters;
}): ((parameters: Float32Array) => Promise<number>) | undefined {
  const { recipe, corpus, translate, named } = options;
  const { held } = corpus;
  if (recipe.task !== "translation" || !translate || !held) return undefined;
  const tokenizer = bleuTokenizerOf(recipe.data.target.language);
  return async (parameters) => {
    const hypotheses = await translate({ recipe, corpus, parameters: named(parameters) }, held);
    return corpusBleu({ hypotheses, references: held.target, tokenizer }).score;
  };
}
