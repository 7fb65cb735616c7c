import { gradientsFrom } from "../autodiff/gradients.js";
import { EOS } from "../data/special.js";
import {
  type Dropout,
  type DropoutMask,
  type DropoutSetting,
  dropoutInto,
  dropoutRates,
  noDropout,
} from "../layers/dropout.js";
import type { Initialize } from "../layers/initializers.js";
import type { OutputProjection } from "../layers/projection.js";
import type { Weights } from "../layers/weights.js";
import { matches } from "../objectives/best-path.js";
import { crossEntropy } from "../objectives/cross-entropy.js";
import { ctc } from "../objectives/ctc.js";
import { Graph } from "../onnx/graph.js";
import { liveMemory } from "../onnx/live-memory.js";
import { serialize } from "../onnx/serialize.js";
import type { Value } from "../onnx/value.js";
import type { Random } from "../random.js";
import type { ParameterSpec, StateSpec, TrainGraph } from "../trainer/train-graph.js";
import { type CtcConfig, type Frames, framesOf } from "./ctc.js";
import { type LanguageModelConfig, nextTokenReadouts, stateNames } from "./language-model.js";
import { type Seq2SeqConfig, teacherForced } from "./seq2seq.js";
import { severalSteps } from "./several-steps.js";

/** What is minimized, from graph inputs that a network declares beside the targets. */
interface Objective {
  readonly dropout: DropoutSetting;
  build(g: Graph, w: Weights, inputs: TargetInputs & { readonly dropout: Dropout }): Built;
}

interface TargetInputs {
  /** int64 [target, batch], begins with bos */
  readonly targetIn: Value;
  /** int64 [target, batch], ends with eos */
  readonly targets: Value;
  /** float32 [target, batch], 0 at padding */
  readonly mask: Value;
}

/** Each a float32 scalar, summed over target tokens. */
interface Built {
  readonly loss: Value;
  /** Nats. */
  readonly nll: Value;
  /** Number of target tokens whose likeliest prediction is right. */
  correct(): Value;
  /** What backpropagation of scale · loss starts from: values, and its gradient there. */
  seeds(scale: Value): ReadonlyMap<Value, Value>;
  /** int64 [target, batch]: the likeliest next tokens, of a network that is teacher-forced. */
  predicted?(): Value;
  /** The recurrent state that goes from batch to batch. */
  readonly carried?: readonly CarriedState[];
}

interface CarriedState extends StateSpec {
  /** After the batch. */
  readonly next: Value;
}

/** The graphs that train a translation model. Inputs and outputs: see TrainGraph. */
export function seq2seqTrainGraph(config: Seq2SeqConfig, objective: { smoothing: number }): TrainGraph {
  return trainGraph(
    teacherForcing(config.dropout, objective, (g, w, { targetIn, dropout }) => {
      return teacherForced(g, w, config, { ...sourceInputs(g), targetIn, dropout });
    }),
  );
}

/**
 * The graphs that train a language model. Its state is zero where a batch begins, or carried: that in which the batch before
 * it ended, through which no gradient goes back (truncated backpropagation through time, Williams & Peng 1990).
 */
export function languageModelTrainGraph(
  config: LanguageModelConfig,
  { state = "zero", ...objective }: { smoothing: number; state?: "zero" | "carried" },
): TrainGraph {
  const specs = stateNames(config).map((names) =>
    names.map((name) => ({ name, shape: ["B", config.hidden] as const })),
  );
  return trainGraph(
    teacherForcing(config.dropout, objective, (g, w, { targetIn, dropout }) => {
      if (state === "zero") return nextTokenReadouts(g, w, config, { tokens: targetIn, dropout });
      const first = specs.map((layer) => layer.map(({ name, shape }) => g.input(name, "float32", shape)));
      const { states, ...next } = nextTokenReadouts(g, w, config, { tokens: targetIn, dropout, states: first });
      const carried = specs.flatMap((layer, k) => layer.map((spec, j) => ({ ...spec, next: states[k]![j]! })));
      return { ...next, carried };
    }),
  );
}

/**
 * The graphs that train a model by connectionist temporal classification. A target has no end here: its eos is left out
 * of the loss. Right are the tokens at which the best path, cut to tokens, says what the target says, eos at its end.
 */
export function ctcTrainGraph(config: CtcConfig): TrainGraph {
  return trainGraph({
    dropout: config.dropout,
    build(g, w, { targets, mask, dropout }) {
      const { source, sourceMask } = sourceInputs(g);
      const alive = g.greater(g.unsqueeze(sourceMask, 2), 0.5); // [source, batch, 1]
      const frames = logitsOfFrames(g, framesOf(g, w, config, { source, mask: alive, dropout }));
      const targetLengths = g.cast(g.sub(g.sum(mask, [0]), 1), "int64"); // [batch], without eos
      const loss = ctc(g, { ...frames, targets, targetLengths });
      const nll = g.sumAll(loss.nll);
      return {
        loss: nll,
        nll,
        correct: () => matches(g, { frames, targets, mask, end: EOS }),
        seeds: (scale) => new Map([[frames.logits, loss.gradient(new Map([[nll, scale]]))]]),
      };
    },
  });
}

/** The network alone: `source`, `source_mask` and the parameters → `logits` [frames, B, V]. ONNX model. */
export function ctcFramesGraph(config: CtcConfig): Uint8Array {
  const g = new Graph();
  const { source, sourceMask } = sourceInputs(g);
  const mask = g.greater(g.unsqueeze(sourceMask, 2), 0.5);
  const frames = framesOf(g, new TrainedWeights(g), config, { source, mask, dropout: noDropout });
  g.output(logitsOfFrames(g, frames).logits, "logits");
  return serialize(g);
}

/** logits [frames, B, V] and alive bool [frames, B, 1] */
function logitsOfFrames(g: Graph, { readout, output, alive }: Frames): { logits: Value; alive: Value } {
  return { logits: output.all(g, readout), alive };
}

function sourceInputs(g: Graph): { source: Value; sourceMask: Value } {
  return { source: g.input("source", "int64", ["S", "B"]), sourceMask: g.input("source_mask", "float32", ["S", "B"]) };
}

/** Cross-entropy of every next token after the right ones. */
function teacherForcing(
  dropout: DropoutSetting,
  { smoothing }: { smoothing: number },
  networkOf: (
    g: Graph,
    w: Weights,
    inputs: { targetIn: Value; dropout: Dropout },
  ) => { readout: Value; output: OutputProjection; carried?: readonly CarriedState[] },
): Objective {
  return {
    dropout,
    build(g, w, inputs) {
      const { targets, mask } = inputs;
      const { carried = [], ...network } = networkOf(g, w, inputs);
      const { loss, nll, logits, gradients } = crossEntropy(g, { ...network, targets, mask, smoothing });
      const predicted = () => g.argmax(logits);
      const correct = () => g.sumAll(g.mul(g.cast(g.equal(predicted(), targets), "float32"), mask));
      return { loss, nll, correct, predicted, carried, seeds: gradients };
    },
  };
}

function trainGraph(objective: Objective): TrainGraph {
  const g = new Graph();
  const { loss, nll, gradients, carried, weights, masks } = backward(g, objective);
  g.output(loss, "loss");
  g.output(nll, "nll");
  for (const [parameter, gradient] of gradients) g.output(gradient, `grad.${parameter}`);
  for (const { name, next } of carried) g.output(next, `next.${name}`);

  const evaluation = forward(new Graph(), { objective, dropout: 0 });
  const e = evaluation.g;
  e.output(e.mul(evaluation.loss, e.input("loss_scale", "float32", [])), "loss");
  e.output(evaluation.nll, "nll");
  e.output(evaluation.correct(), "accuracy");
  if (evaluation.predicted) e.output(evaluation.predicted(), "predicted");
  for (const { name, next } of evaluation.carried ?? []) e.output(next, `next.${name}`);
  const states = carried.map(({ name, shape }) => ({ name, shape }));
  return {
    model: serialize(g),
    activationBytes: liveMemory(g),
    evaluation: serialize(e),
    evaluationBytes: liveMemory(e),
    parameters: weights.specs,
    dropouts: masks as TrainGraph["dropouts"],
    states,
    severalSteps: (options) =>
      severalSteps({ ...options, parameters: weights.specs, states, step: (body) => backward(body, objective) }),
  };
}

/** What a step computes: the loss, scaled, its gradients by the names of the parameters, and the state after it. */
function backward(g: Graph, objective: Objective) {
  const { weights, masks, ...built } = forward(g, { objective, dropout: objective.dropout });
  const scale = g.input("loss_scale", "float32", []);
  const gradients = gradientsFrom(g, built.seeds(scale), [...weights.values.values()]);
  return {
    loss: g.mul(built.loss, scale),
    nll: built.nll,
    carried: built.carried ?? [],
    gradients: new Map([...weights.values.keys()].map((name, k) => [name, gradients[k]!])),
    weights,
    masks,
  };
}

function forward(g: Graph, { objective, dropout: setting }: { objective: Objective; dropout: DropoutSetting }) {
  const weights = new TrainedWeights(g);
  const masks: DropoutMask[] = [];
  const dropout = dropoutInto(g, dropoutRates(setting), masks);
  const targetIn = g.input("target_in", "int64", ["T", "B"]);
  const targets = g.input("target_out", "int64", ["T", "B"]);
  const mask = g.input("target_mask", "float32", ["T", "B"]);
  const built = objective.build(g, weights, { targetIn, targets, mask, dropout });
  return { g, weights, masks, ...built };
}

/** Weights as inputs of the graph, in the order in which the layers ask for them. */
export class TrainedWeights implements Weights {
  readonly values = new Map<string, Value>();
  readonly specs: ParameterSpec[] = [];

  constructor(private readonly g: Graph) {}

  get(name: string, shape: readonly number[], initialize: Initialize): Value {
    const known = this.values.get(name);
    if (known) return known;
    const value = this.g.input(name, "float32", shape);
    this.values.set(name, value);
    this.specs.push({ name, shape: [...shape], initialize: (random: Random) => initialize(random, shape) });
    return value;
  }
}
