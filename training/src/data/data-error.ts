/** Training text that cannot be used. The message names the file, and the line where there is one. */
export class DataError extends Error {
  override readonly name = "DataError";
}
