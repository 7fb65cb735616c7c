/** Input or flags that a command can do nothing with. */
export class InputError extends Error {
  override readonly name = "InputError";
}
