import { z } from "zod";
import { count, positive, rate } from "./fields.js";

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

export const tokenizer = z
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
