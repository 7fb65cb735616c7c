import { alone } from "../alone.js";
import type { Device } from "../onnx/runtime.js";
import type { Recipe } from "../recipe/index.js";
import { Report } from "../report/report.js";
import { readCorpus } from "./corpus.js";
import type { OnProgress } from "./events.js";
import { type ExportBundle, type TakeSamples, type Translate, validationBleu } from "./extensions.js";
import { chooseFinal, type FinalScores } from "./final.js";
import { fit, type StopReason } from "./fit.js";
import { trainGraphOf } from "./from-recipe.js";
import { stoppable } from "./interrupt.js";
import { Journal } from "./journal.js";
import { createLearner, release } from "./learner.js";
import { memoryNeed, memoryOfMachine, requireMemory } from "./memory.js";
import { objectiveOf } from "./objective-from-recipe.js";
import { keepOrigin } from "./origin.js";
import type { NamedParameters } from "./parameters.js";
import { pretrainedParameters, readPretrained, takeTokenizers, warningsOf } from "./pretrained.js";
import { progressLine } from "./progress-line.js";
import { findRun, openRun, RunFolder } from "./run-folder.js";

export interface TrainOptions {
  readonly recipe: Recipe;
  /** Where checkpoints, tokenizers, history and report go. */
  readonly runFolder: string;
  /** Go on from the folder's last checkpoint. Without it the folder must not hold one. */
  readonly resume?: boolean;
  /** Where the steps and the validations run; cpu when absent. Translations of validation sentences run on the CPU. */
  readonly device?: Device | undefined;
  /** Told of every step and validation; by default they are shown on standard error. */
  readonly onProgress?: OnProgress;
  /** Translates validation sentences for BLEU; without it validation is by perplexity alone. */
  readonly translate?: Translate;
  /** Says something by the model at every validation, for the report. */
  readonly takeSamples?: TakeSamples;
  /** Writes the bundle at the end. */
  readonly exportBundle?: ExportBundle;
  /** Aborting it stops training with a checkpoint. By default SIGINT and SIGTERM do, while there are steps. */
  readonly signal?: AbortSignal;
}

export interface TrainResult {
  /** interrupted: there is a checkpoint to resume from, and no bundle. */
  readonly reason: StopReason;
  /** Of the final parameters on the validation data; absent when interrupted. */
  readonly scores?: FinalScores;
  readonly parameters: NamedParameters;
}

const STOPPING = "stopping after the step or validation at hand, with a checkpoint; once more ends at once";

/**
 * Trains the model of a recipe.
 * @throws DataError when text is missing or does not align
 * @throws BundleError when the recipe starts from a bundle that is none
 * @throws TrainingError when the loss is not a number, or the folder and the recipe do not fit together
 * @throws OccupiedError when another process trains in the folder
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const folder = new RunFolder(options.runFolder);
  const start = options.resume ? "resume" : "new";
  await findRun(folder, start);
  return alone(folder, () => trainIn(folder, { ...options, start }));
}

async function trainIn(folder: RunFolder, options: TrainOptions & { start: "new" | "resume" }): Promise<TrainResult> {
  const { recipe, start, translate, takeSamples, exportBundle } = options;
  const { training } = recipe;
  await openRun(folder, { recipe, start });
  const show = options.onProgress ?? progressLine(process.stderr);
  const note = (message: string) => show({ kind: "note", message });

  // a resumed training takes its parameters from the checkpoint
  const pretrained = recipe.from === undefined || start === "resume" ? undefined : await readPretrained(recipe.from);
  if (pretrained) {
    await takeTokenizers(pretrained, { recipe, folder });
    const origin = await keepOrigin(folder, pretrained.bundle);
    note(`starting from the model ${origin.name}, version ${origin.version}`);
    for (const warning of warningsOf(pretrained, recipe)) note(warning);
  }

  // text → tokenizers → batches
  const corpus = await readCorpus(recipe, folder);
  const firstEpoch = corpus.data.epoch(0); // with subword sampling the whole text is segmented for it
  const batchesPerEpoch = firstEpoch.length;
  note(`${corpus.summary}; ${batchesPerEpoch} batches an epoch`);

  // recipe → graphs → parameters
  const graph = trainGraphOf(recipe, corpus.vocabulary);
  const need = memoryNeed({ graph, training, epoch: firstEpoch, validation: corpus.validation });
  const warning = requireMemory(need, memoryOfMachine(), recipe);
  if (warning) note(warning);
  const learner = await createLearner({
    graph,
    training,
    batchesPerEpoch,
    rows: firstEpoch.batch(0).sizes.B,
    device: options.device,
    objective: (model) => objectiveOf({ recipe, corpus }, model),
    initialize: pretrained && ((layout) => pretrainedParameters(pretrained, { layout, recipe })),
  });
  note(`${learner.layout.count} parameters`);

  // steps, validations, checkpoints
  const { validation } = corpus;
  const named = (flat: Float32Array) => learner.layout.named(flat);
  const bleu = validationBleu({ recipe, corpus, translate, named });
  const sample = takeSamples && ((flat: Float32Array) => takeSamples({ recipe, corpus, parameters: named(flat) }));
  const report = await Report.open({
    folder,
    facts: {
      recipe,
      data: corpus.summary,
      batchesPerEpoch,
      vocabulary: corpus.vocabulary,
      parameters: learner.layout.count,
    },
    sample: sample && (() => sample(learner.result)),
  });
  note(`report: ${folder.page}`);
  const journal = new Journal(folder, { report, show });
  // before the first step and after the last there is nothing to lose: a signal ends the process as it does any other
  const untilStopped = options.signal ? given(options.signal) : stoppable;
  const { reason, leaderboard } = await untilStopped((signal) => {
    signal.addEventListener("abort", () => note(STOPPING), { once: true });
    return fit({
      training,
      learner,
      data: corpus.data,
      validation,
      fingerprint: corpus.fingerprint,
      bleu,
      folder,
      start,
      signal,
      journal,
      onProgress: (event) => journal.record(event),
    });
  });
  if (reason === "interrupted") {
    await release(learner);
    await report.finish({ reason });
    note(`stopped; resume from ${folder.checkpoint}`);
    return { reason, parameters: named(learner.result) };
  }

  // the best parameters → bundle
  const { evaluator } = learner;
  const final = await chooseFinal({ leaderboard, folder, evaluator, validation, bleu, training });
  const test = corpus.test && (await evaluator.evaluate(final.parameters, corpus.test));
  await release(learner);
  note(`final parameters: ${final.description}`);
  if (test) note(`test: ${test.loss.toFixed(4)} nats a token, perplexity ${test.perplexity.toFixed(3)}`);
  const scores: FinalScores = { ...final.scores, ...(test ? { test } : {}) };
  const model = { recipe, corpus, parameters: named(final.parameters) };
  await report.finish({ reason, scores, description: final.description }, await sample?.(final.parameters));
  await exportBundle?.({ ...model, scores, runFolder: folder.path });
  return { reason, scores, parameters: model.parameters };
}

function given(signal: AbortSignal): typeof stoppable {
  return (run) => run(signal);
}
