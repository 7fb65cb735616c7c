import { writeFile } from "node:fs/promises";
import { Random } from "../random.js";
import type { Recipe } from "../recipe/index.js";
import { readCorpus } from "./corpus.js";
import { curveSvg } from "./curve.js";
import { Evaluator } from "./evaluation.js";
import type { OnProgress } from "./events.js";
import { type ExportBundle, type TrainedModel, type Translate, validationBleu } from "./extensions.js";
import { chooseFinal, type FinalScores } from "./final.js";
import { fit, type StopReason } from "./fit.js";
import { optimizerOf, scheduleOf, trainGraphOf } from "./from-recipe.js";
import { History, readHistory } from "./history.js";
import { stoppable } from "./interrupt.js";
import { type NamedParameters, ParameterLayout } from "./parameters.js";
import { progressLine } from "./progress-line.js";
import { openRun, RunFolder } from "./run-folder.js";
import { TrainStep } from "./train-step.js";

export interface TrainOptions {
  readonly recipe: Recipe;
  /** Where checkpoints, tokenizers, history and report go. */
  readonly runFolder: string;
  /** Go on from the folder's last checkpoint. Without it the folder must not hold one. */
  readonly resume?: boolean;
  /** Told of every step and validation; by default they are shown on standard error. */
  readonly onProgress?: OnProgress;
  /** Translates validation sentences for BLEU; without it validation is by perplexity alone. */
  readonly translate?: Translate;
  /** Writes the bundle at the end. */
  readonly exportBundle?: ExportBundle;
  /** Aborting it stops training with a checkpoint. By default SIGINT and SIGTERM do. */
  readonly signal?: AbortSignal;
}

export interface TrainResult {
  /** interrupted: there is a checkpoint to resume from, and no bundle. */
  readonly reason: StopReason;
  /** Of the final parameters on the validation data; absent when interrupted. */
  readonly scores?: FinalScores;
  readonly parameters: NamedParameters;
}

/**
 * Trains the model of a recipe.
 * @throws DataError when text is missing or does not align
 * @throws TrainingError when the loss is not a number, or the folder and the recipe do not fit together
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  return options.signal ? trainUntil(options, options.signal) : stoppable((signal) => trainUntil(options, signal));
}

async function trainUntil(options: TrainOptions, signal: AbortSignal): Promise<TrainResult> {
  const { recipe } = options;
  const { training } = recipe;
  const start = options.resume ? "resume" : "new";
  const folder = new RunFolder(options.runFolder);
  await openRun(folder, { recipe, start });
  const history = new History(folder.history);
  const show = options.onProgress ?? progressLine(process.stderr);

  // text → tokenizers → batches
  const corpus = await readCorpus(recipe, folder);
  show({ kind: "note", message: corpus.summary });

  // model → graphs, parameters
  const graph = trainGraphOf(recipe, corpus.vocabulary);
  const layout = new ParameterLayout(graph.parameters);
  const parameters = layout.initialize(new Random(training.seed));
  show({ kind: "note", message: `${layout.count} parameters, ${corpus.data.epoch(0).length} batches an epoch` });

  // steps
  const optimizer = optimizerOf(training, layout.size);
  const schedule = scheduleOf(training, { batchesPerEpoch: corpus.data.epoch(0).length });
  const trainStep = await TrainStep.create({ ...training, graph, layout, parameters, optimizer });
  const evaluator = await Evaluator.create(graph, { layout, threads: training.threads });
  const trained = (flat: Float32Array): TrainedModel => ({ recipe, corpus, parameters: layout.named(flat) });
  const bleu = validationBleu(options.translate, corpus, trained);
  const { reason, leaderboard } = await fit({
    training,
    layout,
    parameters,
    trainStep,
    evaluator,
    optimizer,
    schedule,
    data: corpus.data,
    validation: corpus.validation,
    ...(bleu ? { bleu } : {}),
    folder,
    start,
    signal,
    onProgress(event) {
      history.record(event);
      show(event);
    },
    journal: {
      truncate: (step) => history.truncate(step),
      async flush() {
        await history.flush();
        await writeFile(folder.curve, curveSvg(await readHistory(folder.history), { title: recipe.name }));
      },
    },
  });
  await trainStep.release();
  if (reason === "interrupted") {
    await evaluator.release();
    show({ kind: "note", message: `stopped; resume from ${folder.checkpoint}` });
    return { reason, parameters: layout.named(parameters) };
  }

  // the best parameters → bundle
  const final = await chooseFinal({ leaderboard, folder, evaluator, validation: corpus.validation, bleu, training });
  await evaluator.release();
  show({ kind: "note", message: `final parameters: ${final.description}` });
  await options.exportBundle?.({ ...trained(final.parameters), scores: final.scores, runFolder: folder.path });
  return { reason, scores: final.scores, parameters: layout.named(final.parameters) };
}
