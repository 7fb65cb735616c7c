/** A bundle that is missing, foreign, damaged, or of a format this version does not know. The message is one line. */
export class BundleError extends Error {
  override readonly name = "BundleError";
}
