import { z } from "zod";
import { VECTOR_CELLS, type VectorCellName } from "../cells/index.js";
import { LEXICON_DEFAULTS } from "../shortlist/lexicon-defaults.js";
import { pairPattern } from "./pair-pattern.js";

const count = z.int().min(1);
const rate = z.number().min(0).lt(1);
const positive = z.number().gt(0);
const fileName = z.string().min(1);

const language = z.string().regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, "must be a BCP 47 language tag such as en");

const tokenizerKeys = {
  /** word: what stands between spaces is one piece, such as a phoneme or an action. */
  type: z.enum(["unigram", "bpe", "char", "word"]),
  /** Pieces, special ones included. */
  vocabularySize: count,
  /** Share of the characters of the text that get a piece of their own. */
  characterCoverage: z.number().gt(0).max(1),
  normalization: z.enum(["nfkc", "identity"]),
  userDefinedSymbols: z.array(z.string().min(1)),
  byteFallback: z.boolean(),
  /** BPE dropout: training text is segmented anew every epoch, each merge left out with this probability; 0 is none. */
  dropout: rate,
  /** Subword regularization: unigram segmentations of training text are drawn with probability ∝ P^alpha; absent: the best. */
  samplingAlpha: positive.optional(),
};

/** Keys of one side that differ from the common ones. */
const tokenizerSide = z.strictObject(tokenizerKeys).partial();

const tokenizer = z
  .strictObject({
    ...tokenizerKeys,
    characterCoverage: tokenizerKeys.characterCoverage.default(0.9995),
    normalization: tokenizerKeys.normalization.default("nfkc"),
    userDefinedSymbols: tokenizerKeys.userDefinedSymbols.default([]),
    byteFallback: tokenizerKeys.byteFallback.default(false),
    dropout: tokenizerKeys.dropout.default(0),
    /** One model for both languages. */
    shared: z.boolean().default(false),
    source: tokenizerSide.optional(),
    target: tokenizerSide.optional(),
  })
  .refine((t) => !t.shared || (!t.source && !t.target), {
    message: "source and target cannot differ when shared is true: there is one tokenizer",
  })
  .superRefine((t, context) => {
    for (const side of ["source", "target"] as const) {
      const { type, dropout, samplingAlpha } = { ...t, ...t[side] };
      const fault = (key: string, wanted: string) => {
        const message = `is for ${wanted}, the ${side} tokenizer is ${type}`;
        context.addIssue({ code: "custom", path: t[side] ? [side, key] : [key], message });
      };
      if (dropout > 0 && type !== "bpe") fault("dropout", "bpe");
      if (samplingAlpha !== undefined && type !== "unigram") fault("samplingAlpha", "unigram");
    }
  });

const vectorCell = z.enum(Object.keys(VECTOR_CELLS) as [VectorCellName, ...VectorCellName[]]);

const recurrentStack = { layers: count.default(1), hidden: count };

/** One rate for all units, or rates by place; what is not named is not dropped. */
const dropout = z.union([
  rate,
  z.strictObject({
    input: rate.optional(),
    hidden: rate.optional(),
    output: rate.optional(),
    /** Words of the vocabulary. */
    embedding: rate.optional(),
    /** Weights from state to state. */
    recurrent: rate.optional(),
    mask: z.enum(["step", "sequence"]).optional(),
  }),
]);

const encoder = z.strictObject({
  ...recurrentStack,
  /** In place of the model's cell; conv-lstm-peephole is meant for characters. */
  cell: z.enum([...vectorCell.options, "conv-lstm-peephole"]).optional(),
  bidirectional: z.boolean().default(true),
  /** Tokens a row of the map that conv-lstm-peephole reads (16); other cells have no rows. */
  rowLength: count.optional(),
});

const attentionModel = z.strictObject({
  kind: z.literal("attention"),
  cell: vectorCell.default("lstm"),
  encoder,
  decoder: z.strictObject({ ...recurrentStack, cell: vectorCell.optional() }),
  embedding: count,
  attention: z.enum(["dot", "general", "additive"]).default("general"),
  inputFeeding: z.boolean().default(true),
  dropout: dropout.default(0),
  /** The target embedding is also the output projection. */
  tieEmbeddings: z.boolean().default(false),
});

/** Connectionist temporal classification: all target tokens at once. */
const ctcModel = z.strictObject({
  kind: z.literal("ctc"),
  cell: vectorCell.default("lstm"),
  encoder,
  embedding: count,
  /** Frames a source token: a target, and a blank between its equal tokens, must fit in the frames of its source. */
  upsample: count.default(1),
  /** Recurrent layers over the frames. */
  layersAfter: z.int().min(0).default(0),
  dropout: dropout.default(0),
});

/** `kind: attention` when it is not said. */
const translationModel = z.preprocess(
  (model) => (isRecord(model) ? { kind: "attention", ...model } : model),
  z.discriminatedUnion("kind", [attentionModel, ctcModel]),
);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const generationModel = z.strictObject({
  cell: vectorCell.default("lstm"),
  decoder: z.strictObject(recurrentStack),
  embedding: count,
  dropout: dropout.default(0),
  tieEmbeddings: z.boolean().default(false),
});

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

const training = z.strictObject({
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
  threads: count.optional(),
});

/** A lexicon that translations are chosen by: the most frequent target tokens, and of each source token what it becomes. */
const shortlist = z.strictObject({
  common: z.int().min(0).default(LEXICON_DEFAULTS.common),
  /** Most target tokens that a source token becomes. */
  best: count.default(LEXICON_DEFAULTS.best),
});

const exporting = z.strictObject({
  precision: z.enum(["fp16", "fp32"]).default("fp16"),
  /** Translation with attention only; absent: none. */
  shortlist: shortlist.optional(),
});

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "must be of a-z, 0-9, '.', '_', '-', at most 64 characters");

const common = {
  name,
  /** The folder of a model bundle to start from: its weights and its tokenizers; `model` must be as it was there. */
  from: z.string().min(1).optional(),
  tokenizer,
  training,
  export: exporting.prefault({}),
};

/** Pairs that are left out of the training text before anything is learned from it. */
const textFilter = z.strictObject({
  /** Pairs whose sides are the same. */
  dropIdentical: z.boolean().default(false),
  /** Pairs whose longer side has more than this many times the characters of the shorter. */
  maxCharacterRatio: z.number().min(1).optional(),
  /** Pairs of which a side has fewer letters than this share of its characters. */
  minLetterShare: z.number().min(0).max(1).default(0),
});

/** More training pairs, such as those that `carousel distill` and `carousel back-translate` write. */
const extraPairs = z.strictObject({
  source: fileName,
  target: fileName,
  /** How often an epoch has each pair. */
  repeat: count.default(1),
  /** A token in front of every source sentence. */
  tag: z
    .string()
    .regex(/^<[A-Za-z0-9_-]+>$/, "must be a word in angle brackets such as <bt>")
    .optional(),
});

const translationFiles = z.strictObject({
  /** Base of relative file names; itself relative to the working folder. */
  folder: z.string().min(1),
  source: z.strictObject({ language, train: fileName, valid: fileName, test: fileName.optional() }),
  target: z.strictObject({ language, train: fileName, valid: fileName, test: fileName.optional() }),
  /** Longer training sentences are left out (tokens, on either side). */
  maxLength: count.default(100),
  /** Training pairs whose longer side has more than this many times the tokens of the shorter are left out. */
  maxRatio: z.number().min(1).default(9),
  /** Of pairs that are the same on both sides only the first is trained on. */
  deduplicate: z.boolean().default(false),
  filter: textFilter.prefault({}),
  /** Files that are trained on behind the training split, aligned by line; learned from by the tokenizers too. */
  extra: z.array(extraPairs).default([]),
  /**
   * A regular expression with two groups, source and target: every line of a file holds both sides, and the files of
   * source and target are the same. `^(.*)\t(.*)$` reads tab-separated text.
   */
  pattern: z.string().min(1).optional(),
});

/**
 * Parallel text: `<folder>/<split>.<language>`, one sentence a line, aligned by line; or, with a pattern, one file a split
 * that holds both sides.
 */
const translationData = translationFiles.superRefine(({ pattern, source, target }, context) => {
  if ((source.test === undefined) !== (target.test === undefined)) {
    const message = "must be given for both sides, or for neither";
    context.addIssue({ code: "custom", path: [source.test === undefined ? "source" : "target", "test"], message });
  }
  if (pattern === undefined) return;
  try {
    pairPattern(pattern);
  } catch (error) {
    context.addIssue({ code: "custom", path: ["pattern"], message: (error as Error).message });
  }
  for (const split of ["train", "valid", "test"] as const) {
    if (source[split] === target[split]) continue;
    const message = `must be the same file as source.${split}: with data.pattern one file holds both sides`;
    context.addIssue({ code: "custom", path: ["target", split], message });
  }
});

/** One text; a fraction at its end is for validation, unless a file is given. */
const generationData = z.strictObject({
  folder: z.string().min(1),
  language,
  train: fileName,
  valid: z.union([fileName, z.number().gt(0).lt(1)]),
  test: fileName.optional(),
  /** Tokens a training sequence. */
  windowLength: count,
  /** Tokens a validation sequence: each is predicted from all before it in its sequence. As windowLength when absent. */
  validationLength: count.optional(),
  /**
   * random: windows start anywhere. contiguous: the text is cut end to end, at an offset that changes by epoch. carried: the
   * text is cut into as many streams as a batch has rows, and every window goes on in the recurrent state in which the last
   * one of its stream ended, in training and in validation.
   */
  windows: z.enum(["random", "contiguous", "carried"]).default("random"),
});

export const translationRecipe = z.strictObject({
  task: z.literal("translation"),
  ...common,
  data: translationData,
  model: translationModel,
});

export const generationRecipe = z.strictObject({
  task: z.literal("generation"),
  ...common,
  data: generationData,
  model: generationModel,
});

type Schedule = z.output<typeof schedule>;

function needsEnd(s: Schedule): boolean {
  return (s.kind === "cosine" || s.kind === "linear") && s.steps === undefined;
}

/** Everything that decides a training run. See training/recipes for examples. */
export const recipeSchema = z
  .discriminatedUnion("task", [translationRecipe, generationRecipe])
  .refine((r) => r.training.maxEpochs ?? r.training.maxSteps ?? r.training.maxMinutes, {
    path: ["training"],
    message: "one of maxEpochs, maxSteps, maxMinutes is required",
  })
  .refine((r) => r.training.maxEpochs ?? r.training.maxSteps ?? !needsEnd(r.training.schedule), {
    path: ["training", "schedule", "steps"],
    message: "is required when neither maxEpochs nor maxSteps says where the decay ends",
  })
  .refine((r) => r.training.ema === 0 || r.training.ntAsgd === undefined, {
    path: ["training", "ntAsgd"],
    message: "excludes ema: the parameters are averaged in one way",
  })
  .refine((r) => r.task === "translation" || (!r.tokenizer.source && !r.tokenizer.target), {
    path: ["tokenizer"],
    message: "source and target are for translation only: generation has one tokenizer",
  })
  .refine((r) => r.task === "translation" || r.training.metric !== "bleu", {
    path: ["training", "metric"],
    message: "bleu is for translation only; use perplexity or accuracy",
  })
  .refine((r) => !r.export.shortlist || (r.task === "translation" && r.model.kind === "attention"), {
    path: ["export", "shortlist"],
    message: "is for translation with model.kind attention only; leave it out",
  })
  .refine((r) => r.task !== "translation" || r.model.kind !== "ctc" || r.training.labelSmoothing === 0, {
    path: ["training", "labelSmoothing"],
    message: "does not apply to model.kind ctc; leave it out",
  })
  .refine((r) => r.training.objective.kind === "cross-entropy" || hasDecoder(r), {
    path: ["training", "objective"],
    message: "on a metric is for translation with model.kind attention only; use cross-entropy",
  })
  .refine((r) => r.training.objective.kind === "cross-entropy" || r.training.labelSmoothing === 0, {
    path: ["training", "labelSmoothing"],
    message: "is for the objective cross-entropy; leave it out",
  })
  .refine((r) => r.training.objective.kind === "cross-entropy" || r.training.scheduledSampling === undefined, {
    path: ["training", "scheduledSampling"],
    message: "is for the objective cross-entropy; leave it out",
  })
  .refine((r) => r.training.scheduledSampling === undefined || r.task === "generation" || hasDecoder(r), {
    path: ["training", "scheduledSampling"],
    message: "does not apply to model.kind ctc, whose output reads no tokens; leave it out",
  })
  .refine(
    (r) => r.task === "translation" || r.data.windows !== "carried" || r.training.scheduledSampling === undefined,
    {
      path: ["data", "windows"],
      message: "must not be carried with training.scheduledSampling, whose first pass would begin without the state",
    },
  )
  .refine(({ training: t }) => t.stepsPerRun === 1 || !looksBetweenSteps(t), {
    path: ["training", "stepsPerRun"],
    message:
      "must be 1 with ema, ntAsgd, scheduledSampling or an objective on a metric: they look at the parameters between steps",
  });

function looksBetweenSteps(options: z.output<typeof training>): boolean {
  const {
    ema,
    ntAsgd,
    scheduledSampling,
    objective: { kind },
  } = options;
  return ema > 0 || ntAsgd !== undefined || scheduledSampling !== undefined || kind !== "cross-entropy";
}

function hasDecoder(r: { task: "translation"; model: { kind: string } } | { task: "generation" }): boolean {
  return r.task === "translation" && r.model.kind !== "ctc";
}

export type Recipe = z.output<typeof recipeSchema>;
export type TranslationRecipe = z.output<typeof translationRecipe>;
/** A translation recipe for a decoder with attention. */
export type AttentionRecipe = TranslationRecipe & { model: z.output<typeof attentionModel> };
/** A translation recipe for connectionist temporal classification. */
export type CtcRecipe = TranslationRecipe & { model: z.output<typeof ctcModel> };
export type GenerationRecipe = z.output<typeof generationRecipe>;
export type TrainingOptions = Recipe["training"];
export type TokenizerOptions = Recipe["tokenizer"];
