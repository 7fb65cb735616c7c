import { TrainingError } from "./training-error.js";

/** A loss or a norm is not a finite number, or far above that of guessing: training has left the region where it can go on. */
export class DivergenceError extends TrainingError {
  override readonly name = "DivergenceError";
}

export interface Place {
  readonly step: number;
  readonly learningRate: number;
}

/** @throws DivergenceError naming the first value that is not a finite number */
export function requireFinite(values: Readonly<Record<string, number>>, { step, learningRate }: Place): void {
  for (const [what, value] of Object.entries(values)) {
    if (Number.isFinite(value)) continue;
    throw new DivergenceError(`the ${what} is ${value} at step ${step} (learning rate ${learningRate.toPrecision(3)})`);
  }
}

/**
 * Times the loss of guessing. A model that is worse is certain of what is wrong: its activations are saturated, and no gradient
 * leads back. Small models that found back by themselves had been at 3.6 times, those that did not were at 5 to 30.
 */
const WORST = 4;

/**
 * @param losses of a model, and of one to which all tokens are equally likely; nats a token
 * @throws DivergenceError when the model is far worse, or its loss is not a number
 */
export function requireBounded(losses: { loss: number; guess: number }, { step, learningRate }: Place): void {
  if (losses.loss <= WORST * losses.guess) return;
  const [loss, guess] = [losses.loss, losses.guess].map((x) => x.toPrecision(3));
  throw new DivergenceError(
    `the validation loss is ${loss} nats a token, where guessing has ${guess}, at step ${step} (learning rate ${learningRate.toPrecision(3)})`,
  );
}
