/** Training cannot go on, or cannot be resumed; the message says why. */
export class TrainingError extends Error {
  override readonly name: string = "TrainingError";
}
