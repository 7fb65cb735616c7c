import { gradients } from "../autodiff/gradients.js";
import { type Dropout, type DropoutMask, type DropoutSetting, dropoutInto, dropoutRates } from "../layers/dropout.js";
import type { Initialize } from "../layers/initializers.js";
import type { Weights } from "../layers/weights.js";
import { crossEntropy } from "../objectives/cross-entropy.js";
import { Graph } from "../onnx/graph.js";
import { liveMemory } from "../onnx/live-memory.js";
import { serialize } from "../onnx/serialize.js";
import type { Value } from "../onnx/value.js";
import type { Random } from "../random.js";
import type { ParameterSpec, TrainGraph } from "../trainer/train-graph.js";
import { type LanguageModelConfig, nextTokenLogits } from "./language-model.js";
import { type Seq2SeqConfig, teacherForced } from "./seq2seq.js";

interface Teacher {
  readonly dropout: DropoutSetting;
  /** Logits [target, batch, V], from graph inputs that it declares. */
  logits(g: Graph, w: Weights, targetIn: Value, dropout: Dropout): Value;
}

/** The graphs that train a translation model. Inputs and outputs: see TrainGraph. */
export function seq2seqTrainGraph(config: Seq2SeqConfig, objective: { smoothing: number }): TrainGraph {
  return trainGraph(objective.smoothing, {
    dropout: config.dropout,
    logits(g, w, targetIn, dropout) {
      const source = g.input("source", "int64", ["S", "B"]);
      const sourceMask = g.input("source_mask", "float32", ["S", "B"]);
      return teacherForced(g, w, config, { source, sourceMask, targetIn, dropout });
    },
  });
}

/** The graphs that train a language model. */
export function languageModelTrainGraph(config: LanguageModelConfig, objective: { smoothing: number }): TrainGraph {
  return trainGraph(objective.smoothing, {
    dropout: config.dropout,
    logits: (g, w, tokens, dropout) => nextTokenLogits(g, w, config, { tokens, dropout }),
  });
}

function trainGraph(smoothing: number, teacher: Teacher): TrainGraph {
  const training = forward(teacher, { smoothing, dropout: teacher.dropout });
  const { g, weights } = training;
  const scaled = g.mul(training.loss, g.input("loss_scale", "float32", []));
  const parameters = [...weights.values.values()];
  const grads = gradients(g, scaled, parameters);
  g.output(scaled, "loss");
  g.output(training.nll, "nll");
  parameters.forEach((p, k) => void g.output(grads[k]!, `grad.${p.name}`));

  const evaluation = forward(teacher, { smoothing, dropout: 0 });
  const e = evaluation.g;
  e.output(e.mul(evaluation.loss, e.input("loss_scale", "float32", [])), "loss");
  e.output(evaluation.nll, "nll");
  e.output(correct(e, evaluation), "accuracy");
  return {
    model: serialize(g),
    activationBytes: liveMemory(g),
    evaluation: serialize(e),
    parameters: weights.specs,
    dropouts: training.masks as TrainGraph["dropouts"],
  };
}

function forward(teacher: Teacher, options: { smoothing: number; dropout: DropoutSetting }) {
  const g = new Graph();
  const weights = new TrainedWeights(g);
  const masks: DropoutMask[] = [];
  const dropout = dropoutInto(g, dropoutRates(options.dropout), masks);
  const targetIn = g.input("target_in", "int64", ["T", "B"]);
  const targets = g.input("target_out", "int64", ["T", "B"]);
  const mask = g.input("target_mask", "float32", ["T", "B"]);
  const logits = teacher.logits(g, weights, targetIn, dropout);
  const { loss, nll } = crossEntropy(g, { logits, targets, mask, smoothing: options.smoothing });
  return { g, weights, masks, logits, targets, mask, loss, nll };
}

/** Number of target tokens whose likeliest prediction is right, float32 scalar. */
function correct(g: Graph, { logits, targets, mask }: { logits: Value; targets: Value; mask: Value }): Value {
  return g.sumAll(g.mul(g.cast(g.equal(g.argmax(logits), targets), "float32"), mask));
}

/** Weights as inputs of the graph, in the order in which the layers ask for them. */
class TrainedWeights implements Weights {
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
