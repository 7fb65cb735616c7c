import { z } from "zod";
import { TEXT_FORMATS } from "../../translation/inline/formats.js";
import { TERM_CASES, TERM_INFLECTIONS } from "../../translation/terms/term.js";
import { samplingFields, searchFields } from "../search-fields.js";

const forms = z.array(z.string()).optional();

const termBody = z.strictObject({
  source: z.string(),
  target: z.string(),
  sourceForms: forms,
  targetForms: forms,
  case: z.enum(TERM_CASES).optional(),
  inflection: z.enum(TERM_INFLECTIONS).optional(),
});

export const glossaryBody = z.strictObject({
  name: z.string(),
  sourceLanguage: z.string(),
  targetLanguage: z.string(),
  terms: z.array(termBody),
});

export const languages = {
  model: z.string().optional(),
  sourceLanguage: z.string().optional(),
  targetLanguage: z.string().optional(),
};

export const translateBody = z.strictObject({
  texts: z.array(z.string()),
  ...languages,
  format: z.enum(TEXT_FORMATS).default("text"),
  glossaries: z.array(z.string()).default([]),
  terms: z.array(termBody).default([]),
  ...searchFields,
  nBest: z.number().optional(),
  alignments: z.boolean().optional(),
  noShortlist: z.boolean().optional(),
  allowLoops: z.boolean().optional(),
  targetPrefixes: z.array(z.string()).default([]),
});

export const scoreBody = z.strictObject({
  pairs: z.array(z.strictObject({ source: z.string(), target: z.string() })),
  ...languages,
  alignments: z.boolean().default(false),
});

export const generateBody = z.strictObject({
  model: z.string(),
  prompt: z.string().default(""),
  minTokens: z.number().optional(),
  maxTokens: z.number().optional(),
  stop: z.array(z.string()).optional(),
  ...samplingFields,
});
