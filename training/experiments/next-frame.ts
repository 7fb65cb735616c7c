import type { Cell } from "@carousel/training/cells/cell";
import { convLstmPeephole } from "@carousel/training/cells/conv-lstm-peephole";
import { VECTOR_CELLS } from "@carousel/training/cells/index";
import { noDropout } from "@carousel/training/layers/dropout";
import { linear } from "@carousel/training/layers/projection";
import { recurrentStack } from "@carousel/training/layers/recurrent";
import type { Graph } from "@carousel/training/onnx/graph";
import { float32 } from "@carousel/training/onnx/runtime";
import type { Value } from "@carousel/training/onnx/value";
import { digitsFilm, type FilmOptions } from "./digits-film.js";
import type { Task } from "./task.js";

export interface NextFrameOptions {
  readonly film: FilmOptions;
  readonly batch: number;
  /** maps: the convolutional cell over frames; flat: a plain one over frames laid out as vectors. */
  readonly sees: "maps" | "flat";
  /** Channels of the state, or its width. */
  readonly hidden: number;
  /** Of the convolutional cell each lets a place see one pixel further within a step. */
  readonly layers: number;
}

/**
 * To say of every frame of a film what the next will be; the loss is binary cross-entropy, nats a pixel. Measures:
 * `frames` and `predicted`, both [frames − 1, batch, size²], where predicted[t] is to be frames[t].
 */
export function nextFrame({ film, batch, sees, hidden, layers }: NextFrameOptions): Task {
  const { size } = film;
  const steps = film.frames - 1;
  const flat = [steps, batch, size * size];
  const maps = [steps, batch, size, size, 1];
  const cell: Cell = sees === "maps" ? convLstmPeephole(2) : VECTOR_CELLS.lstm;
  return {
    build(g, w) {
      const seen = g.input("seen", "float32", flat);
      const next = g.input("next", "float32", flat);
      const x = sees === "maps" ? g.reshape(seen, maps) : seen;
      const stack = { w, name: "memory", cell, hidden, layers, direction: "forward", dropout: noDropout } as const;
      const { outputs } = recurrentStack(g, x, stack);
      const output = sees === "maps" ? 1 : size * size;
      const logits = g.reshape(linear(w, { name: "output", input: hidden, output })(g, outputs), flat);
      const loss = g.mean(binaryCrossEntropy(g, logits, next), [0, 1, 2]);
      return { loss, measures: { predicted: g.sigmoid(logits), frames: next } };
    },
    draw(random) {
      const films = Array.from({ length: batch }, () => digitsFilm(random, film));
      return {
        seen: float32(sideBySide(films, { from: 0, steps, pixels: size * size }), flat),
        next: float32(sideBySide(films, { from: 1, steps, pixels: size * size }), flat),
      };
    },
  };
}

/** −ln p(target) of targets 0 and 1: ln(1 + eˡ) − l · target, without overflow. */
function binaryCrossEntropy(g: Graph, logits: Value, targets: Value): Value {
  const l = g.unsqueeze(logits, logits.shape.length);
  const normalizer = g.logSumExp(g.concat([l, g.mul(l, 0)], -1), [-1]);
  return g.sub(normalizer, g.mul(logits, targets));
}

/** Frames from one on of films beside each other: flat [steps, batch, pixels]. */
function sideBySide(
  films: readonly Float32Array[],
  { from, steps, pixels }: { from: number; steps: number; pixels: number },
): Float32Array {
  const all = new Float32Array(steps * films.length * pixels);
  films.forEach((film, b) => {
    for (let t = 0; t < steps; t++) {
      all.set(film.subarray((from + t) * pixels, (from + t + 1) * pixels), (t * films.length + b) * pixels);
    }
  });
  return all;
}
