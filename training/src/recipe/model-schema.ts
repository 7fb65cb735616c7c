import { z } from "zod";
import { VECTOR_CELLS, type VectorCellName } from "../cells/index.js";
import { count, rate } from "./fields.js";

const vectorCell = z.enum(Object.keys(VECTOR_CELLS) as [VectorCellName, ...VectorCellName[]]);

const recurrentStack = { layers: count.default(1), hidden: count };

/** One rate for all units, or rates by place; what is not named is not dropped. */
const dropout = z.union(
  [
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
  ],
  "must be a rate, or rates by what is dropped: input, hidden, output, embedding, recurrent",
);

const encoder = z.strictObject({
  ...recurrentStack,
  /** In place of the model's cell; conv-lstm-peephole is meant for characters. */
  cell: z.enum([...vectorCell.options, "conv-lstm-peephole"]).optional(),
  bidirectional: z.boolean().default(true),
  /** Tokens a row of the map that conv-lstm-peephole reads (16); other cells have no rows. */
  rowLength: count.optional(),
});

export const attentionModel = z.strictObject({
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
export const ctcModel = z.strictObject({
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
export const translationModel = z.preprocess(
  (model) => (isRecord(model) ? { kind: "attention", ...model } : model),
  z.discriminatedUnion("kind", [attentionModel, ctcModel]),
);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const generationModel = z.strictObject({
  cell: vectorCell.default("lstm"),
  decoder: z.strictObject(recurrentStack),
  embedding: count,
  dropout: dropout.default(0),
  tieEmbeddings: z.boolean().default(false),
});
