import { z } from "zod";

/** What JSON may ask of sampling; validate.ts says in which range. */
export const samplingFields = {
  temperature: z.number().optional(),
  topK: z.number().optional(),
  topP: z.number().optional(),
  seed: z.number().optional(),
  suppress: z.array(z.string()).optional(),
  repetitionPenalty: z.number().optional(),
  noRepeatNgram: z.number().optional(),
};

/** What JSON may ask of the search for a translation. */
export const searchFields = {
  beamSize: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  lengthPenalty: z.number().optional(),
  coveragePenalty: z.number().optional(),
  patience: z.number().optional(),
  ...samplingFields,
};
