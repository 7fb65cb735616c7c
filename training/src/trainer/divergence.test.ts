import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generationTraining, generationValidation } from "../data/generation-data.js";
import { languageModelTrainGraph } from "../models/train-graph.js";
import { parseRecipe, type Recipe } from "../recipe/index.js";
import { readCheckpoint } from "./checkpoint.js";
import type { NoteEvent, StepEvent, TrainingEvent } from "./events.js";
import { fit } from "./fit.js";
import { History, readHistory } from "./history.js";
import { createLearner } from "./learner.js";
import { RunFolder } from "./run-folder.js";

const VOCABULARY = 8;
const TEXT = Int32Array.from({ length: 1200 }, (_, i) => 3 + (i % 5));

/**
 * Diverges as gradient descent does whose steps are too long for the curvature: the decay of the weights multiplies them
 * by 1 − rate · decay, which is −7 at the full learning rate, −3 at half of it, and −1, where they stay bounded, at a quarter.
 */
const RECIPE = parseRecipe(`
name: diverging
task: generation
data: { folder: unused, language: en, train: unused, valid: 0.1, windowLength: 10 }
tokenizer: { type: char, vocabularySize: ${VOCABULARY} }
model: { embedding: 6, decoder: { hidden: 12 } }
training:
  learningRate: 0.02
  optimizer: { kind: adam, weightDecay: 400 }
  batchTokens: 80
  maxSteps: 200
  validateEvery: 100
  ema: 0.9
  threads: 1
`);

interface RunOptions {
  readonly path: string;
  readonly start?: "new" | "resume";
  readonly training?: Partial<Recipe["training"]>;
  readonly stopAfter?: number;
}

async function run(options: RunOptions) {
  const training = { ...RECIPE.training, ...options.training };
  const folder = new RunFolder(options.path);
  await folder.create();
  const graph = languageModelTrainGraph(
    { vocabulary: VOCABULARY, embedding: 6, cell: "lstm", layers: 1, hidden: 12, dropout: 0, tieEmbeddings: false },
    { smoothing: 0 },
  );
  const learner = await createLearner({ graph, training, batchesPerEpoch: 15 });
  const window = { windowLength: 10, batchTokens: 80 };
  const history = new History(folder.history);
  const events: TrainingEvent[] = [];
  const interrupt = new AbortController();
  const result = await fit({
    training,
    learner,
    data: generationTraining(TEXT, { ...window, seed: 1, windows: "random" }),
    validation: generationValidation(TEXT.subarray(0, 205), { ...window, windows: "random" }),
    folder,
    start: options.start ?? "new",
    signal: interrupt.signal,
    journal: history,
    onProgress(event) {
      events.push(event);
      history.record(event);
      if (event.kind === "step" && event.step === options.stopAfter) interrupt.abort();
    },
  });
  return {
    ...result,
    folder,
    learner,
    notes: events.filter((e): e is NoteEvent => e.kind === "note").map((e) => e.message),
    steps: events.filter((e): e is StepEvent => e.kind === "step"),
  };
}

const temporary = () => mkdtemp(join(tmpdir(), "carousel-divergence-"));

describe("a training that diverges", () => {
  it("goes back to the start with half the learning rate, until it holds", async () => {
    const { notes, steps, reason, folder, learner } = await run({ path: await temporary() });
    expect(reason).toBe("limit");
    expect(notes[0]).toMatch(
      / is (NaN|Infinity) at step \d+ .*: back to the start, and on with the learning rate × 0.5$/,
    );
    expect(notes.at(-1)).toMatch(/× 0.25$/);
    expect(notes).toHaveLength(2);
    expect(new Set(steps.map((e) => e.learningRate))).toEqual(new Set([0.02, 0.01, 0.005]));
    expect(steps.slice(-200).map((e) => e.step)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    expect([...learner.result].every(Number.isFinite)).toBe(true);
    expect((await readHistory(folder.history)).map((e) => e.step)).toEqual([
      1, 2, 5, 10, 20, 50, 100, 100, 150, 200, 200,
    ]);
  });

  it("begins again as a new training of the lower rate would", async () => {
    const fallen = await run({ path: await temporary() });
    const low = await run({ path: await temporary(), training: { learningRate: 0.005 } });
    expect(low.notes).toEqual([]);
    expect(fallen.learner.parameters).toEqual(low.learner.parameters);
    expect(fallen.learner.result).toEqual(low.learner.result);
    expect(fallen.leaderboard.state).toEqual(low.leaderboard.state);
  });

  it.each([1, 4])(
    "sees weights that are finite and saturate the model, %i steps a run, and lowers their rate",
    async (stepsPerRun) => {
      const optimizer = { kind: "sgd", momentum: 0, weightDecay: 0 } as const;
      const training = { optimizer, ema: undefined, stepsPerRun, learningRate: 400, validateEvery: 5, maxSteps: 10 };
      const { notes, steps, leaderboard } = await run({ path: await temporary(), training });
      expect(notes[0]).toMatch(
        /^the validation loss is \d\d\.\d nats a token, where guessing has 2.08, at step 5 .*: back to the start, .* × 0.5$/,
      );
      expect(steps.every((e) => Number.isFinite(e.loss) && Number.isFinite(e.gradientNorm))).toBe(true);
      expect(-leaderboard.best!.score).toBeLessThan(4 * Math.log(VOCABULARY));
      const hopeless = run({ path: await temporary(), training: { ...training, learningRate: 1e30 } });
      await expect(hopeless).rejects.toThrow(/diverged 5 times since the start/);
    },
  );

  it("does not keep such weights when it is interrupted", async () => {
    const optimizer = { kind: "sgd", momentum: 0, weightDecay: 0 } as const;
    const path = await temporary();
    const training = { optimizer, ema: undefined, learningRate: 400 };
    const { reason, notes } = await run({ path, training, stopAfter: 5 });
    expect(reason).toBe("interrupted");
    expect(notes[0]).toMatch(/at step 5 .*: back to the start/);
    const { state } = await readCheckpoint<{ step: number; rateFactor: number }>(join(path, "checkpoint.bin"));
    expect(state.step).toBeLessThan(5);
  });

  it("goes back to the last checkpoint, and keeps the lower rate in the next one", async () => {
    const path = await temporary();
    await run({ path, training: { validateEvery: 9, maxSteps: 9, learningRate: 0.001 } });
    const { notes, steps } = await run({ path, start: "resume", training: { validateEvery: 9, maxSteps: 90 } });
    expect(notes[0]).toMatch(/at step (\d+) .*: back to the checkpoint at step \d+, /);
    const [, failed, kept] = /at step (\d+) .* at step (\d+),/.exec(notes[0]!)!.map(Number);
    expect(kept! % 9).toBe(0);
    expect(failed! - kept!).toBeLessThan(10);
    const again = steps.findIndex((e) => e.learningRate < 0.02);
    expect(steps[again]!.step).toBe(kept! + 1);
    const { state } = await readCheckpoint<{ rateFactor: number }>(join(path, "checkpoint.bin"));
    expect(state.rateFactor).toBe(steps.at(-1)!.learningRate / 0.02);
    const resumed = await run({ path, start: "resume", training: { validateEvery: 9, maxSteps: 91 } });
    expect(resumed.steps[0]!.learningRate).toBe(steps.at(-1)!.learningRate);
  });
});
