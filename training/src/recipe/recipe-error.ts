/** A recipe that cannot be used. The message says which key is wrong and what is allowed. */
export class RecipeError extends Error {
  override readonly name = "RecipeError";
}
