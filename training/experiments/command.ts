import { DataError } from "@carousel/training/data/data-error";
import { RecipeError } from "@carousel/training/recipe/recipe-error";
import { TrainingError } from "@carousel/training/trainer/training-error";
import { OptionError } from "./options.js";

const EXPECTED = [OptionError, DataError, RecipeError, TrainingError];

/** Runs the experiment that a command is. What its user can mend is one line of error; exit code 2 for the command line. */
export async function command(experiment: (args: readonly string[]) => Promise<void>): Promise<void> {
  try {
    await experiment(process.argv.slice(2));
  } catch (error) {
    if (!EXPECTED.some((kind) => error instanceof kind)) throw error;
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = error instanceof OptionError ? 2 : 1;
  }
}
