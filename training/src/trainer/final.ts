import type { Epoch } from "../data/batch.js";
import type { TrainingOptions } from "../recipe/index.js";
import type { Evaluation, Evaluator } from "./evaluation.js";
import type { Leaderboard } from "./leaderboard.js";
import { averageParameters, readParameters } from "./parameter-files.js";
import type { RunFolder } from "./run-folder.js";
import { scoreOf } from "./score.js";

export interface FinalScores extends Evaluation {
  /** Of greedy translations of the validation sentences. */
  readonly bleu?: number;
  /** Of running text that nothing was chosen by; when the recipe of a language model names a test file. */
  readonly test?: Evaluation;
}

export interface FinalModel {
  readonly parameters: Float32Array;
  readonly scores: FinalScores;
  /** Where the parameters come from, for people. */
  readonly description: string;
}

/** The best parameters of a training, or the average over its best or last validations when that is better. */
export async function chooseFinal(options: {
  leaderboard: Leaderboard;
  folder: RunFolder;
  evaluator: Evaluator;
  validation: Epoch;
  bleu: ((parameters: Float32Array) => Promise<number>) | undefined;
  training: TrainingOptions;
}): Promise<FinalModel> {
  const { leaderboard, folder, evaluator, validation, bleu, training } = options;
  const measure = async (parameters: Float32Array, description: string): Promise<FinalModel> => {
    const evaluation = await evaluator.evaluate(parameters, validation);
    return { parameters, description, scores: { ...evaluation, ...(bleu ? { bleu: await bleu(parameters) } : {}) } };
  };
  const best = await measure(
    await readParameters(folder.bestParameters(leaderboard.best!.step)),
    `step ${leaderboard.best!.step}`,
  );
  const paths = leaderboard.averaged.map((e) => folder.bestParameters(e.step));
  if (paths.length === 1) return best;
  const { averageOf } = training;
  const mean = await measure(await averageParameters(paths), `average of the ${averageOf} ${paths.length} validations`);
  return scoreOf(mean.scores, training.metric) > scoreOf(best.scores, training.metric) ? mean : best;
}
