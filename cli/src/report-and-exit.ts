/** Ends the process with one clear line on standard error; CAROUSEL_DEBUG=1 shows where it came from. */
export function reportAndExit(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`carousel: ${message.replaceAll("\n", " ")}\n`);
  if (process.env.CAROUSEL_DEBUG === "1" && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}
