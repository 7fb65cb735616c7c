import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generationTraining, generationValidation } from "../data/generation-data.js";
import { languageModelTrainGraph } from "../models/train-graph.js";
import { Random } from "../random.js";
import { parseRecipe } from "../recipe/index.js";
import type { StepEvent, TrainingEvent, ValidationEvent } from "./events.js";
import { chooseFinal } from "./final.js";
import { fit } from "./fit.js";
import { History, type HistoryEntry, readHistory } from "./history.js";
import { createLearner } from "./learner.js";
import { averageParameters, readParameters } from "./parameter-files.js";
import { RunFolder } from "./run-folder.js";

const VOCABULARY = 8;

/** A pattern that repeats every five tokens, with some noise. */
function pattern(length: number, seed: number): Int32Array {
  const random = new Random(seed);
  return Int32Array.from({ length }, (_, i) => (random.uniform() < 0.1 ? 3 + random.below(5) : 3 + (i % 5)));
}

const RECIPE = parseRecipe(`
name: tiny
task: generation
data: { folder: unused, language: en, train: unused, valid: 0.1, windowLength: 10 }
tokenizer: { type: char, vocabularySize: ${VOCABULARY} }
model: { embedding: 6, decoder: { hidden: 12 }, dropout: 0.2 }
training:
  learningRate: 0.02
  schedule: { kind: plateau, warmupSteps: 5 }
  batchTokens: 80
  maxEpochs: 3
  validateEvery: 9
  averageCheckpoints: 2
  threads: 1
`);

type Settings = typeof RECIPE.training;

interface RunOptions {
  readonly path: string;
  readonly start?: "new" | "resume";
  readonly training?: Partial<Settings>;
  readonly stopAfter?: number;
}

async function run({ path, start = "new", training: changed = {}, stopAfter }: RunOptions) {
  const training = { ...RECIPE.training, ...changed };
  const folder = new RunFolder(path);
  await folder.create();
  const graph = languageModelTrainGraph(
    { vocabulary: VOCABULARY, embedding: 6, cell: "lstm", layers: 1, hidden: 12, dropout: 0.2, tieEmbeddings: false },
    { smoothing: 0.1 },
  );
  const learner = await createLearner({ graph, training, batchesPerEpoch: 15 });
  const { seed, batchTokens } = training;
  const window = { windowLength: 10, batchTokens };
  const history = new History(folder.history);
  const events: TrainingEvent[] = [];
  const interrupt = new AbortController();
  const validation = generationValidation(pattern(405, 2), { ...window, windows: "random" });
  const result = await fit({
    training,
    learner,
    data: generationTraining(pattern(1200, 1), { ...window, seed, windows: "random" }),
    validation,
    folder,
    start,
    signal: interrupt.signal,
    journal: history,
    onProgress(event) {
      events.push(event);
      history.record(event);
      if (event.kind === "step" && event.step === stopAfter) interrupt.abort();
    },
  });
  return {
    ...result,
    parameters: learner.parameters,
    learner,
    settings: { training, validation },
    folder,
    steps: events.filter((e): e is StepEvent => e.kind === "step"),
    validations: events.filter((e): e is ValidationEvent => e.kind === "validation"),
  };
}

const temporary = () => mkdtemp(join(tmpdir(), "carousel-fit-"));
const essence = (e: StepEvent) => [e.step, e.epoch, e.loss, e.perplexity, e.learningRate, e.gradientNorm];

describe("fit", () => {
  it("learns, keeps the best parameters, and writes the history", async () => {
    const { steps, validations, leaderboard, folder, reason } = await run({ path: await temporary() });
    expect(reason).toBe("limit");
    expect(steps).toHaveLength(45);
    expect(steps[0]!.loss).toBeGreaterThan(1.9);
    expect(validations.map((v) => v.step)).toEqual([9, 18, 27, 36, 45]);
    expect(validations.at(-1)!.perplexity).toBeLessThan(4);
    expect(validations.at(-1)!.accuracy).toBeGreaterThan(0.6);
    expect(leaderboard.state.entries).toHaveLength(2);
    expect((await readHistory(folder.history)).filter((e) => e.kind === "validation")).toHaveLength(5);
  });

  it("says of a validation the epoch that its step was in", async () => {
    const epochs = { validateEvery: 100, maxEpochs: 1 };
    const whole = await run({ path: await temporary(), training: epochs });
    const half = await run({ path: await temporary(), training: { ...epochs, maxSteps: 7 } });
    expect([...whole.validations, ...half.validations].map((v) => [v.step, v.epoch])).toEqual([
      [15, 1],
      [7, 1],
    ]);
  });

  it("says of the steps of one run of the engine that they ended together", async () => {
    const { steps } = await run({ path: await temporary(), training: { stepsPerRun: 3, maxSteps: 9 } });
    const ends = [...new Set(steps.map((e) => e.seconds))];
    expect(ends).toHaveLength(3);
    expect(steps.map((e) => ends.indexOf(e.seconds))).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });

  it("resumes an interrupted training to the same losses and the same parameters", async () => {
    const whole = await run({ path: await temporary() });
    const path = await temporary();
    // 21 is in the middle of the second epoch, and between two validations
    const first = await run({ path, stopAfter: 21 });
    expect(first.reason).toBe("interrupted");
    const second = await run({ path, start: "resume" });
    expect([...first.steps, ...second.steps].map(essence)).toEqual(whole.steps.map(essence));
    expect(second.parameters).toEqual(whole.parameters);
    expect(second.leaderboard.state).toEqual(whole.leaderboard.state);
    // what was done since the last entry before it was stopped has one of its own, and is not lost
    const [entries, others] = await Promise.all([whole, second].map((r) => readHistory(r.folder.history)));
    expect(others!.map((e) => e.step).filter((step) => step !== 21)).toEqual(entries!.map((e) => e.step));
    expect(tokensOf(others!)).toBe(tokensOf(entries!));
  });

  const tokensOf = (entries: readonly HistoryEntry[]) =>
    entries.reduce((sum, e) => sum + (e.kind === "train" ? e.targetTokens : 0), 0);

  it("measures and keeps the moving average of the parameters, through a resumed training too", async () => {
    const training = { ema: 0.9, maxSteps: 18 };
    const whole = await run({ path: await temporary(), training });
    const { values } = whole.learner.average!;
    expect(whole.learner.result).toBe(values);
    expect(values).not.toEqual(whole.parameters);
    expect(await readParameters(whole.folder.bestParameters(18))).toEqual(values);
    const raw = await run({ path: await temporary(), training: { maxSteps: 18 } });
    expect(raw.parameters).toEqual(whole.parameters);
    expect(raw.validations[0]!.loss).not.toEqual(whole.validations[0]!.loss);
    const path = await temporary();
    await run({ path, training, stopAfter: 12 });
    const resumed = await run({ path, training, start: "resume" });
    expect(resumed.learner.average!.values).toEqual(values);
  });

  it("averages the steps once validation is no longer better, through a resumed training too", async () => {
    const training = {
      optimizer: { kind: "sgd", momentum: 0, weightDecay: 0 },
      schedule: { kind: "constant" },
      learningRate: 2,
      ntAsgd: 2,
      validateEvery: 2,
      patience: 100,
      maxEpochs: 12,
    } as const;
    const whole = await run({ path: await temporary(), training });
    const losses = whole.validations.map((v) => v.loss);
    const at = losses.findIndex((v, t) => t > 2 && v > Math.min(...losses.slice(0, t - 2)));
    const trigger = whole.validations[at]!.step;
    expect(whole.learner.result).toBe(whole.learner.average!.values);
    const last = whole.steps.at(-1)!.step;
    expect(trigger).toBeLessThan(last - 10);
    const raw = await run({ path: await temporary(), training: { ...training, ntAsgd: undefined } });
    // the same until the trigger, and smoother after it
    expect(losses.slice(0, at + 1)).toEqual(raw.validations.slice(0, at + 1).map((v) => v.loss));
    const unrest = (v: typeof raw.validations) =>
      v.slice(-15).reduce((sum, { loss }, k, last) => sum + Math.abs(loss - (last[k - 1]?.loss ?? loss)), 0);
    expect(unrest(whole.validations)).toBeLessThan(0.5 * unrest(raw.validations));
    const path = await temporary();
    await run({ path, training, stopAfter: trigger + 5 });
    const resumed = await run({ path, training, start: "resume" });
    expect(resumed.learner.result).toEqual(whole.learner.result);
  });

  it("averages the last validations, or the best", async () => {
    const training = { averageOf: "last", averageCheckpoints: 3 } as const;
    const { leaderboard, folder, learner, settings } = await run({ path: await temporary(), training });
    expect(leaderboard.averaged.map((e) => e.step)).toEqual([27, 36, 45]);
    const mean = await averageParameters([27, 36, 45].map((step) => folder.bestParameters(step)));
    const scores = await learner.evaluator.evaluate(mean, settings.validation);
    const final = await chooseFinal({
      leaderboard,
      folder,
      bleu: undefined,
      ...settings,
      evaluator: learner.evaluator,
    });
    // the better of the two
    const best = -leaderboard.best!.score;
    expect(final.description).toBe(
      scores.loss < best ? "average of the last 3 validations" : `step ${leaderboard.best!.step}`,
    );
    expect(final.scores.loss).toBeCloseTo(Math.min(scores.loss, best), 12);
  });

  it("repeats by its seed", async () => {
    const training = { maxSteps: 4 };
    const first = await run({ path: await temporary(), training });
    const same = await run({ path: await temporary(), training });
    const other = await run({ path: await temporary(), training: { ...training, seed: 2 } });
    expect(same.steps.map(essence)).toEqual(first.steps.map(essence));
    expect(other.steps.map(essence)).not.toEqual(first.steps.map(essence));
  });

  it("stops when validation no longer improves", async () => {
    const training = { learningRate: 1e-12, validateEvery: 1, patience: 3, maxEpochs: 100 };
    const path = await temporary();
    const { reason, validations, leaderboard } = await run({ path, training });
    expect(reason).toBe("patience");
    expect(validations.length - validations.findLastIndex((v) => v.isBest) - 1).toBe(3);
    expect(leaderboard.state.waited).toBe(3);
    // resumed, because its bundle could not be written, say, it is over; with more patience it is not
    const again = await run({ path, training, start: "resume" });
    expect([again.reason, again.steps]).toEqual(["patience", []]);
    const longer = await run({ path, training: { ...training, patience: 5 }, start: "resume" });
    expect(longer.validations).toHaveLength(2);
  });

  it("ends with a clear error when a lower learning rate does not help", async () => {
    const training = { learningRate: 1e39, clipNorm: 1e30 };
    await expect(run({ path: await temporary(), training })).rejects.toThrow(
      /(loss|norm of the gradients) is (NaN|-?Infinity) at step \d+ .*diverged 5 times since the start.*training.learningRate/,
    );
  });

  it("refuses a checkpoint of another seed, and one that is cut short", async () => {
    const path = await temporary();
    await run({ path, training: { maxSteps: 2 } });
    await expect(run({ path, start: "resume", training: { seed: 5 } })).rejects.toThrow(/seed 1, the recipe says 5/);
    const bytes = await readFile(join(path, "checkpoint.bin"));
    await writeFile(join(path, "checkpoint.bin"), bytes.subarray(0, bytes.length - 8));
    await expect(run({ path, start: "resume" })).rejects.toThrow(/cut short/);
  });
});
