/** Ends the process with one clear line on standard error; CAROUSEL_DEBUG=1 shows where it came from. */
export function reportAndExit(error: unknown): never {
  const message = inFlags(error instanceof Error ? error.message : String(error));
  process.stderr.write(`carousel: ${message.replaceAll("\n", " ")}\n`);
  if (process.env.CAROUSEL_DEBUG === "1" && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}

const FLAGS: Readonly<Record<string, string>> = { beam_size: "beam", no_repeat_ngram: "block-ngram-repeat" };

/** An option of a request is a flag here: --min-length of options.min_length. */
function inFlags(message: string): string {
  return message.replace(/^options\.(\w+)/, (_, name: string) => `--${FLAGS[name] ?? name.replaceAll("_", "-")}`);
}
