import { OptionError } from "./options.js";

/** Runs the experiment that a command is; a wrong command line is one line of error and exit code 2. */
export async function command(experiment: (args: readonly string[]) => Promise<void>): Promise<void> {
  try {
    await experiment(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}
