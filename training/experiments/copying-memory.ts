import type { Cell } from "@carousel/training/cells/cell";
import { outputProjection } from "@carousel/training/layers/projection";
import { recurrent } from "@carousel/training/layers/recurrent";
import { crossEntropy } from "@carousel/training/objectives/cross-entropy";
import { float32, integers } from "@carousel/training/onnx/runtime";
import type { Random } from "@carousel/training/random";
import type { RecallExperiment } from "./recall.js";
import type { Task } from "./task.js";

/** Symbols 0 to 7 are to be remembered, 8 is the blank, 9 says: now. */
export const LETTERS = 8;
export const BLANK = 8;
export const RECALL = 9;
const SYMBOLS = 10;
/** Symbols to remember. */
const STRING = 10;

export interface Sequences {
  readonly inputs: number[];
  readonly targets: number[];
}

/**
 * One example of the copying memory problem (Hochreiter & Schmidhuber 1997) as Arjovsky et al. 2015 set it up, T + 20
 * steps long: 10 letters, T − 1 blanks, the sign to recall, 10 blanks. To be said: T + 10 blanks, then the 10 letters.
 */
export function copyingExample(random: Random, lag: number): Sequences {
  const letters = Array.from({ length: STRING }, () => random.below(LETTERS));
  const blanks = (n: number) => new Array<number>(n).fill(BLANK);
  return {
    inputs: [...letters, ...blanks(lag - 1), RECALL, ...blanks(STRING)],
    targets: [...blanks(lag + STRING), ...letters],
  };
}

/**
 * The loss, nats a step, of a predictor that has no memory: it knows when to say blanks, and draws the letters evenly.
 * 10 · ln 8 / (T + 20).
 */
export function memorylessLoss(lag: number): number {
  return (STRING * Math.log(LETTERS)) / (lag + 2 * STRING);
}

/** Copying memory for one layer of a cell; its loss is cross-entropy in nats, a mean over all T + 20 steps. */
export function copyingMemory(options: { lag: number; cell: Cell; hidden: number; batch: number }): Task {
  const { lag, cell, hidden, batch } = options;
  const time = lag + 2 * STRING;
  return {
    build(g, w) {
      const x = g.input("x", "float32", [time, batch, SYMBOLS]);
      const targets = g.input("targets", "int64", [time, batch]);
      const mask = g.expand(g.float(1), g.ints([time, batch]), [time, batch]);
      const { outputs } = recurrent(g, x, { w, name: "memory", cell, hidden });
      const output = outputProjection(w, { name: "output", input: hidden, vocabulary: SYMBOLS });
      const { nll, logits, gradients } = crossEntropy(g, { readout: outputs, output, targets, mask, smoothing: 0 });
      const right = g.cast(g.equal(g.argmax(logits), targets), "float32"); // [time, batch]
      const recalled = g.mean(g.slice(right, 0, time - STRING, time, STRING), [0, 1]);
      return {
        loss: g.div(nll, time * batch),
        seeds: () => gradients(g.float(1 / (time * batch))),
        measures: { recalled },
      };
    },
    draw(random) {
      const examples = Array.from({ length: batch }, () => copyingExample(random, lag));
      const targets = interleaved(examples.map((e) => e.targets));
      const symbols = interleaved(examples.map((e) => e.inputs));
      return {
        x: float32(oneHot(symbols, SYMBOLS), [time, batch, SYMBOLS]),
        targets: integers(targets, [time, batch]),
      };
    },
  };
}

/** Sequences side by side, [batch][time] → flat [time, batch]. */
function interleaved(sequences: readonly (readonly number[])[]): number[] {
  return sequences[0]!.flatMap((_, t) => sequences.map((s) => s[t]!));
}

function oneHot(symbols: readonly number[], count: number): Float32Array {
  const rows = new Float32Array(symbols.length * count);
  symbols.forEach((symbol, k) => {
    rows[k * count + symbol] = 1;
  });
  return rows;
}

export const COPYING: RecallExperiment = {
  name: "copying",
  title: (lag) => `Copying memory, ${lag} steps between hearing and saying`,
  baseline: memorylessLoss,
  unit: "Cross-entropy, nats a step",
  task: copyingMemory,
};
