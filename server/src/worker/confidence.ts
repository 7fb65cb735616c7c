import type { Calibration } from "@carousel/bundle";
import type { Hypothesis } from "../queue/port.js";

type Features = Calibration["weights"];

/** What the confidence in the translation of a segment follows from. */
export function confidenceFeatures(hypothesis: Omit<Hypothesis, "text" | "score">): Features {
  const { tokens, omission = 0, repetition = 0, finishReason } = hypothesis;
  const logProbabilities = tokens.map((t) => t.logProbability);
  const mean = logProbabilities.reduce((a, b) => a + b, 0) / Math.max(1, tokens.length);
  return {
    meanLogProbability: mean,
    geometricMean: Math.exp(mean),
    leastLogProbability: Math.min(0, ...logProbabilities),
    logLength: Math.log(1 + tokens.length),
    omission,
    repetition,
    unended: finishReason === "end" ? 0 : 1,
  };
}

/** What may speak for a translation (1), and what only against it (−1): so no translation is the better for being unlikely. */
export const CONFIDENCE_SIGNS = {
  meanLogProbability: 1,
  geometricMean: 1,
  leastLogProbability: 1,
  logLength: 0,
  omission: -1,
  repetition: -1,
  unended: -1,
} as const satisfies Record<keyof Features, 1 | 0 | -1>;

/** The quality to expect, 0 to 1: a logistic regression whose weights `carousel calibrate` found. */
export function confidence(features: Features, { bias, weights }: Calibration): number {
  const names = Object.keys(weights) as (keyof Features)[];
  const logit = names.reduce((sum, name) => sum + weights[name] * features[name], bias);
  return 1 / (1 + Math.exp(-logit));
}
