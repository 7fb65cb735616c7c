import type { Batch, Epoch, TrainingData } from "../data/batch.js";
import { globalNorm } from "../optimizers/clipping.js";
import type { AverageState } from "../optimizers/parameter-average.js";
import type { Schedule } from "../optimizers/schedules.js";
import type { TrainingOptions } from "../recipe/index.js";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import { Clock } from "./clock.js";
import { DivergenceError, type Place, requireBounded, requireFinite } from "./divergence-error.js";
import type { OnProgress } from "./events.js";
import type { Journal } from "./journal.js";
import { Leaderboard, type LeaderboardOptions, type LeaderboardState } from "./leaderboard.js";
import { arraysOf, type Learner } from "./learner.js";
import type { PreparedBatch } from "./objective.js";
import { deleteParameters, writeParameters } from "./parameter-files.js";
import type { RunFolder } from "./run-folder.js";
import { scoreOf } from "./score.js";
import type { StepResult } from "./train-step.js";
import { TrainingError } from "./training-error.js";

export interface FitOptions {
  readonly training: TrainingOptions;
  /** Holds the last parameters afterwards. */
  readonly learner: Learner;
  readonly data: TrainingData;
  readonly validation: Epoch;
  /** Of the text that `data` and `validation` are made of; when absent a checkpoint of any text is gone on from. */
  readonly fingerprint?: string;
  /** BLEU of the validation sentences translated with these parameters. */
  readonly bleu?: ((parameters: Float32Array) => Promise<number>) | undefined;
  readonly folder: RunFolder;
  readonly start: "new" | "resume";
  readonly onProgress: OnProgress;
  /** Flushed before each checkpoint, so that what was reported is on disk too. */
  readonly journal: Pick<Journal, "flush" | "truncate">;
  /** Aborting it stops training after the step at hand, with a checkpoint. */
  readonly signal: AbortSignal;
}

export type StopReason = "limit" | "patience" | "interrupted";

interface State {
  step: number;
  /** Of the next batch; the first is 0. */
  epoch: number;
  /** Index of the next batch in its epoch. */
  position: number;
  seconds: number;
  /** Step of the last validation. */
  validated: number;
  seed: number;
  /** Of the text; a checkpoint of an older version has none. */
  fingerprint?: string;
  /** What the schedule's learning rate is multiplied by: halved whenever training has diverged. */
  rateFactor: number;
  schedule: Schedule["state"];
  average: AverageState;
  leaderboard: LeaderboardState;
}

/** Divergences in a row, without a new checkpoint in between, that end a training. */
const MOST_DIVERGENCES = 5;

/**
 * Trains until a limit of the recipe, or until validation stops improving. Returns why, and the best validations. When a
 * loss or a gradient is not a finite number, or the loss of validation sentences far above that of guessing, it goes back to
 * the last checkpoint, or the start, and on from there with half the learning rate.
 * @throws TrainingError when that has not helped several times in a row
 */
export async function fit(options: FitOptions): Promise<{ reason: StopReason; leaderboard: Leaderboard }> {
  const run = new Fit(options);
  if (options.start === "resume") await run.resume();
  return { reason: await run.train(), leaderboard: run.leaderboard };
}

class Fit {
  leaderboard: Leaderboard;
  private state: State;
  private clock = new Clock(0);
  /** Since the last checkpoint. */
  private divergences = 0;
  private hasCheckpoint = false;
  /** Loss of a model to which all tokens are equally likely: all its parameters are 0. */
  private guess: number | undefined;

  constructor(private readonly o: FitOptions) {
    this.leaderboard = new Leaderboard(kept(o.training));
    this.state = this.beginning();
  }

  private beginning(): State {
    const { training, learner } = this.o;
    return {
      step: 0,
      epoch: 0,
      position: 0,
      seconds: 0,
      validated: 0,
      seed: training.seed,
      ...(this.o.fingerprint === undefined ? {} : { fingerprint: this.o.fingerprint }),
      rateFactor: 1,
      schedule: learner.schedule.state,
      average: learner.average?.state ?? {},
      leaderboard: new Leaderboard(kept(training)).state,
    };
  }

  async train(): Promise<StopReason> {
    for (;;) {
      try {
        return await this.untilStopped();
      } catch (error) {
        if (!(error instanceof DivergenceError)) throw error;
        await this.goBack(error);
      }
    }
  }

  private async untilStopped(): Promise<StopReason> {
    for (;;) {
      const epoch = this.o.data.epoch(this.state.epoch);
      while (this.state.position < epoch.length) {
        if (this.leaderboard.state.waited >= this.o.training.patience) return "patience";
        if (this.limitReached()) return this.finish();
        await this.steps(epoch);
        if (this.state.step % this.o.training.validateEvery === 0) {
          await this.validate();
          await this.checkpoint();
        }
        if (this.o.signal.aborted) {
          await this.requireConverging();
          await this.checkpoint();
          return "interrupted";
        }
      }
      this.state.epoch++;
      this.state.position = 0;
    }
  }

  private async steps(epoch: Epoch): Promise<void> {
    const { steps, average, parameters } = this.o.learner;
    const step = this.state.step + 1;
    const batches: PreparedBatch[] = [];
    for (let k = 0; k < this.stepsToNextStop(epoch); k++) {
      batches.push(await this.prepared(epoch.batch(this.state.position + k), step + k));
    }
    const learningRates = batches.map((_, k) => this.learningRate(step + k));
    const results = await steps.run(batches, { step, learningRates });
    const { seconds } = this.clock;
    for (const [k, result] of results.entries()) {
      average?.update(parameters, step + k);
      this.state.step++;
      this.state.position++;
      this.report(result, { batch: batches[k]!, learningRate: learningRates[k]!, epoch, seconds });
    }
  }

  private async prepared(batch: Batch, step: number): Promise<PreparedBatch> {
    const { objective } = this.o.learner;
    return objective ? objective.prepare(batch, step) : batch;
  }

  /** As many as a run may have, and no validation, no limit and no epoch's end passed. */
  private stepsToNextStop(epoch: Epoch): number {
    const { validateEvery, maxSteps = Number.POSITIVE_INFINITY } = this.o.training;
    const { step, position } = this.state;
    const toValidation = validateEvery - (step % validateEvery);
    return Math.min(this.o.learner.steps.most, epoch.length - position, toValidation, maxSteps - step);
  }

  private report(
    result: StepResult,
    of: { batch: PreparedBatch; learningRate: number; epoch: Epoch; seconds: number },
  ): void {
    const { loss, nll, gradientNorm } = result;
    const { batch, learningRate, epoch, seconds } = of;
    this.o.onProgress({
      kind: "step",
      step: this.state.step,
      epoch: this.state.epoch + 1,
      loss,
      ...(batch.reward === undefined
        ? { perplexity: Math.exp(nll / batch.targetTokens) }
        : { perplexity: Number.NaN, reward: batch.reward }),
      learningRate,
      gradientNorm,
      targetTokens: batch.targetTokens,
      seconds,
      secondsLeft: this.secondsLeft(seconds, epoch.length),
    });
  }

  private learningRate(step: number): number {
    return this.o.learner.schedule.rate(step) * this.state.rateFactor;
  }

  /** Before parameters are kept; a batch of the validation shows as well as all of it what cannot be gone on from. */
  private async requireConverging(): Promise<void> {
    const { learner, validation } = this.o;
    const { parameters, result, evaluator } = learner;
    requireFinite({ "norm of the parameters": globalNorm(parameters) }, this.place);
    const lossOf = async (flat: Float32Array) => (await evaluator.evaluate(flat, firstOf(validation))).loss;
    this.guess ??= await lossOf(new Float32Array(parameters.length));
    requireBounded({ loss: await lossOf(result), guess: this.guess }, this.place);
  }

  /** Of the last step. */
  private get place(): Place {
    const { step } = this.state;
    return { step, learningRate: this.learningRate(step) };
  }

  private limitReached(): boolean {
    const { maxSteps, maxEpochs, maxMinutes } = this.o.training;
    return (
      this.state.step >= (maxSteps ?? Number.POSITIVE_INFINITY) ||
      this.state.epoch >= (maxEpochs ?? Number.POSITIVE_INFINITY) ||
      this.clock.seconds >= (maxMinutes ?? Number.POSITIVE_INFINITY) * 60
    );
  }

  private secondsLeft(seconds: number, batchesPerEpoch: number): number {
    const { maxSteps, maxEpochs, maxMinutes } = this.o.training;
    const { step, epoch, position } = this.state;
    const perStep = seconds / step;
    const bySteps = maxSteps === undefined ? Number.POSITIVE_INFINITY : (maxSteps - step) * perStep;
    const byEpochs =
      maxEpochs === undefined ? Number.POSITIVE_INFINITY : ((maxEpochs - epoch) * batchesPerEpoch - position) * perStep;
    const byTime = maxMinutes === undefined ? Number.POSITIVE_INFINITY : maxMinutes * 60 - seconds;
    return Math.max(0, Math.min(bySteps, byEpochs, byTime));
  }

  private async finish(): Promise<StopReason> {
    if (this.state.validated !== this.state.step || !this.leaderboard.best) await this.validate();
    await this.checkpoint();
    return "limit";
  }

  private async validate(): Promise<void> {
    const { validation, bleu, onProgress, training, folder } = this.o;
    const { evaluator, result, schedule, average } = this.o.learner;
    const { step } = this.state;
    await this.requireConverging();
    const measured = await evaluator.evaluate(result, validation);
    requireFinite({ "validation loss": measured.loss }, this.place);
    const translated = bleu ? { bleu: await bleu(result) } : {};
    schedule.observe(measured.perplexity);
    average?.observe(measured.perplexity);
    const before = this.leaderboard;
    this.leaderboard = before.add({ step, score: scoreOf({ ...measured, ...translated }, training.metric) });
    if (this.leaderboard.has(step)) await writeParameters(folder.bestParameters(step), result);
    this.state.validated = step;
    const isBest = this.leaderboard.best?.step === step;
    // the end of an epoch is its own, not the beginning of the next
    const epoch = this.state.position === 0 ? this.state.epoch : this.state.epoch + 1;
    onProgress({ kind: "validation", step, epoch, ...measured, ...translated, isBest, seconds: this.clock.seconds });
  }

  private async checkpoint(): Promise<void> {
    const { folder, journal, learner } = this.o;
    await journal.flush();
    const state: State = {
      ...this.state,
      seconds: this.clock.seconds,
      schedule: learner.schedule.state,
      average: learner.average?.state ?? {},
      leaderboard: this.leaderboard.state,
    };
    await writeCheckpoint(folder.checkpoint, { state, arrays: arraysOf(learner) });
    await deleteParameters(folder, { keep: (step) => this.leaderboard.has(step) });
    this.hasCheckpoint = true;
    this.divergences = 0;
  }

  /** To the last checkpoint or the start, with half the learning rate that diverged. Time that was lost still counts. */
  private async goBack(cause: DivergenceError): Promise<void> {
    const rateFactor = this.state.rateFactor / 2;
    if (++this.divergences === MOST_DIVERGENCES) {
      throw new TrainingError(
        `${cause.message}: training has diverged ${MOST_DIVERGENCES} times since ${this.hasCheckpoint ? "the last checkpoint" : "the start"}, ` +
          "each time with half the learning rate; try a lower training.learningRate or training.clipNorm",
      );
    }
    if (this.hasCheckpoint) await this.restore();
    else await this.restart();
    this.state.rateFactor = rateFactor;
    const place = this.hasCheckpoint ? `the checkpoint at step ${this.state.step}` : "the start";
    const message = `${cause.message}: back to ${place}, and on with the learning rate × ${rateFactor}`;
    this.o.onProgress({ kind: "note", message });
  }

  private async restart(): Promise<void> {
    const { learner, journal, training } = this.o;
    learner.restart();
    this.state = this.beginning();
    this.leaderboard = new Leaderboard(kept(training));
    await journal.truncate(0);
  }

  async resume(): Promise<void> {
    await this.restore();
    this.clock = new Clock(this.state.seconds);
  }

  private async restore(): Promise<void> {
    const { folder, training, learner, fingerprint } = this.o;
    const { state, arrays } = await readCheckpoint<State>(folder.checkpoint);
    if (state.seed !== training.seed) {
      throw new TrainingError(`the checkpoint was trained with seed ${state.seed}, the recipe says ${training.seed}`);
    }
    if ((state.fingerprint ?? fingerprint) !== fingerprint) {
      throw new TrainingError(
        `the text is not what the training in ${folder.path} began with; to go on with another, start a new training from its bundle (from)`,
      );
    }
    for (const [name, target] of Object.entries(arraysOf(learner))) {
      const saved = arrays[name];
      if (saved?.length !== target.length) {
        throw new TrainingError(`the checkpoint in ${folder.path} is of another model or optimizer (${name})`);
      }
      target.set(saved);
    }
    await this.o.journal.truncate(state.step);
    // a checkpoint of an older version has no factor
    this.state = { ...state, rateFactor: state.rateFactor ?? 1 };
    this.hasCheckpoint = true;
    learner.schedule.state = state.schedule;
    if (learner.average) learner.average.state = state.average ?? {};
    this.leaderboard = new Leaderboard(kept(training), state.leaderboard);
  }
}

function firstOf(epoch: Epoch): Epoch {
  return { length: 1, batch: (index) => epoch.batch(index) };
}

function kept({ averageCheckpoints, averageOf }: TrainingOptions): LeaderboardOptions {
  return { size: averageCheckpoints, of: averageOf };
}
