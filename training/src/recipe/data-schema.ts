import { z } from "zod";
import { count, fileName } from "./fields.js";
import { pairPattern } from "./pair-pattern.js";

const language = z.string().regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, "must be a BCP 47 language tag such as en");

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
  /** dropped: without the full stop, or the like, at the end of both sides; pairs without one are left out. */
  punctuation: z.enum(["kept", "dropped"]).default("kept"),
  /** lower: both sides in lower case, as people write in haste. */
  case: z.enum(["kept", "lower"]).default("kept"),
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
   * source and target are the same. `^([^\t]*)\t([^\t]*)$` reads tab-separated text.
   */
  pattern: z.string().min(1).optional(),
});

/**
 * Parallel text: `<folder>/<split>.<language>`, one sentence a line, aligned by line; or, with a pattern, one file a split
 * that holds both sides.
 */
export const translationData = translationFiles.superRefine(({ pattern, source, target }, context) => {
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
export const generationData = z.strictObject({
  folder: z.string().min(1),
  language,
  train: fileName,
  valid: z.union([fileName, z.number().gt(0).lt(1)], "must be a file, or the share of the text: between 0 and 1"),
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
