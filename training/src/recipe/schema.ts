import { z } from "zod";
import { LEXICON_DEFAULTS } from "../shortlist/lexicon-defaults.js";
import { generationData, translationData } from "./data-schema.js";
import { count } from "./fields.js";
import { type attentionModel, type ctcModel, generationModel, translationModel } from "./model-schema.js";
import { tokenizer } from "./tokenizer-schema.js";
import { looksBetweenSteps, needsEnd, training } from "./training-schema.js";

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

const translationRecipe = z.strictObject({
  task: z.literal("translation"),
  ...common,
  data: translationData,
  model: translationModel,
});

const generationRecipe = z.strictObject({
  task: z.literal("generation"),
  ...common,
  data: generationData,
  model: generationModel,
});

/** Everything that decides a training run. See training/recipes for examples. */
export const recipeSchema = z
  .discriminatedUnion("task", [translationRecipe, generationRecipe])
  .refine(({ training: t }) => [t.maxEpochs, t.maxSteps, t.maxMinutes].some((limit) => limit !== undefined), {
    path: ["training"],
    message: "one of maxEpochs, maxSteps, maxMinutes is required",
  })
  .refine(({ training: t }) => (t.maxEpochs ?? t.maxSteps) !== undefined || !needsEnd(t.schedule), {
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
  .refine((r) => !r.export.shortlist || r.task === "translation", {
    path: ["export", "shortlist"],
    message: "is for translation only; leave it out",
  })
  .refine((r) => r.task !== "translation" || r.model.kind !== "ctc" || r.training.labelSmoothing === 0, {
    path: ["training", "labelSmoothing"],
    message: "does not apply to model.kind ctc; leave it out",
  })
  .refine((r) => r.task === "translation" || !r.model.tieEmbeddings || r.model.embedding === r.model.decoder.hidden, {
    path: ["model", "tieEmbeddings"],
    message:
      "wants model.embedding to be as large as model.decoder.hidden, which it stands for in the output projection",
  })
  .refine((r) => r.task === "generation" || r.model.kind === "ctc" || canAttend(r.model), {
    path: ["model", "attention"],
    message:
      "dot wants model.decoder.hidden to be as large as model.encoder.hidden, twice that when the encoder is bidirectional",
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

function canAttend({ attention, encoder, decoder }: z.output<typeof attentionModel>): boolean {
  return attention !== "dot" || decoder.hidden === encoder.hidden * (encoder.bidirectional ? 2 : 1);
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
