import { z } from "zod";
import { count, positive, rate } from "./fields.js";

/** More than any machine has cores; ONNX Runtime would start as many as it is told, until the memory is full. */
const MOST_THREADS = 1024;

const weightDecay = z.number().min(0);
const adam = { beta1: rate.default(0.9), beta2: rate.default(0.999), epsilon: positive.default(1e-8) };

const optimizer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("adam"), ...adam, weightDecay: weightDecay.default(0) }),
  z.strictObject({ kind: z.literal("adamw"), ...adam, weightDecay: weightDecay.default(0.01) }),
  z.strictObject({ kind: z.literal("sgd"), momentum: rate.default(0), weightDecay: weightDecay.default(0) }),
]);

const decay = {
  warmupSteps: z.int().min(0).default(0),
  steps: count.optional(),
  final: z.number().min(0).max(1).default(0),
};

const schedule = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant") }),
  z.strictObject({ kind: z.literal("inverse-sqrt"), warmupSteps: count }),
  z.strictObject({
    kind: z.literal("plateau"),
    warmupSteps: z.int().min(0).default(0),
    factor: z.number().gt(0).lt(1).default(0.5),
    patience: count.default(1),
  }),
  z.strictObject({ kind: z.literal("cosine"), ...decay }),
  z.strictObject({ kind: z.literal("linear"), ...decay }),
]);

const onReward = {
  /** Of sentences; BLEU with add-one smoothing. */
  metric: z.enum(["bleu", "chrf"]).default("bleu"),
  /** Of the distribution that sequences are drawn from; at 1 it is the model's own. */
  temperature: positive.default(1),
  /** How much the cross-entropy of the references counts beside the rewards. */
  crossEntropyWeight: z.number().min(0).default(0),
};

/** What is minimized. The two on rewards are for fine-tuning a translation model that cross-entropy has trained. */
const objective = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("cross-entropy") }),
  /** samples: sequences a sentence. */
  z.strictObject({ kind: z.literal("self-critical"), ...onReward, samples: count.default(1) }),
  /** sharpness: the exponent α of Q ∝ p^α. */
  z.strictObject({
    kind: z.literal("minimum-risk"),
    ...onReward,
    samples: z.int().min(2).default(8),
    sharpness: positive.default(0.005),
  }),
]);

const floor = z.number().min(0).max(1).default(0);

/** How the share of right tokens that the decoder reads falls from 1 to `floor`. */
const scheduledSampling = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("linear"), steps: count, floor }),
  z.strictObject({ kind: z.literal("exponential"), base: z.number().gt(0).lt(1), floor }),
  z.strictObject({ kind: z.literal("inverse-sigmoid"), k: z.number().min(1), floor }),
]);

export const training = z.strictObject({
  seed: z.int().min(0).default(1),
  labelSmoothing: rate.default(0),
  objective: objective.default({ kind: "cross-entropy" }),
  /** In place of right tokens the decoder reads some that it predicts itself. */
  scheduledSampling: scheduledSampling.optional(),
  optimizer: optimizer.prefault({ kind: "adam" }),
  learningRate: positive,
  schedule: schedule.default({ kind: "constant" }),
  /** Largest global norm of the gradients. */
  clipNorm: positive.default(1),
  /** Tokens a batch, padding included, counted on the longer side. */
  batchTokens: count,
  maxEpochs: count.optional(),
  maxSteps: count.optional(),
  /** Wall time of training, resumed runs together. */
  maxMinutes: positive.optional(),
  /** Steps between validations. */
  validateEvery: count,
  /** What chooses the best parameters, and what early stopping waits for. */
  metric: z.enum(["perplexity", "bleu", "accuracy"]).default("perplexity"),
  /** Validations without a new best before training stops. */
  patience: count.default(10),
  /** Decay of the exponential moving average of the parameters, which is then what is measured and exported; 0 is none. */
  ema: rate.default(0),
  /**
   * NT-ASGD: once a validation is worse than the best of those at least this many validations older, the parameters of all
   * following steps are averaged, and the average is measured and exported. For sgd at a constant rate.
   */
  ntAsgd: count.optional(),
  /** The parameters of this many validations are averaged at the end. */
  averageCheckpoints: count.default(1),
  /** Whether those are the best validations, or the last. */
  averageOf: z.enum(["best", "last"]).default("best"),
  /**
   * Steps in one run of the graph, with the optimizer in it: on a GPU the weights stay there from the first to the last. Each
   * step is the same as alone.
   */
  stepsPerRun: count.default(1),
  /** Threads of ONNX Runtime; all cores when absent. */
  threads: count.max(MOST_THREADS).optional(),
});

type Training = z.output<typeof training>;

/** Whether the schedule does not say itself where its decay ends. */
export function needsEnd(s: Training["schedule"]): boolean {
  return (s.kind === "cosine" || s.kind === "linear") && s.steps === undefined;
}

export function looksBetweenSteps(options: Training): boolean {
  const {
    ema,
    ntAsgd,
    scheduledSampling,
    objective: { kind },
  } = options;
  return ema > 0 || ntAsgd !== undefined || scheduledSampling !== undefined || kind !== "cross-entropy";
}
