import { TrainingError } from "./training-error.js";

/** A loss or a norm of gradients is not a finite number: training has left the region where it can go on. */
export class DivergenceError extends TrainingError {
  override readonly name = "DivergenceError";
}

/** @throws DivergenceError naming the first value that is not a finite number */
export function requireFinite(
  values: Readonly<Record<string, number>>,
  { step, learningRate }: { step: number; learningRate: number },
): void {
  for (const [what, value] of Object.entries(values)) {
    if (Number.isFinite(value)) continue;
    throw new DivergenceError(`the ${what} is ${value} at step ${step} (learning rate ${learningRate.toPrecision(3)})`);
  }
}
