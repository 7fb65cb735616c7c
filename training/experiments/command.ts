import { relative } from "node:path";
import { DataError } from "@carousel/training/data/data-error";
import { RecipeError } from "@carousel/training/recipe/recipe-error";
import { TrainingError } from "@carousel/training/trainer/training-error";
import { HelpAsked, OptionError } from "./options.js";

const MEANING = "What the options mean, and what comes of it: docs/experiments.md";
const EXPECTED = [OptionError, DataError, RecipeError, TrainingError];

/** Runs the experiment that a command is. What its user can mend is one line of error; exit code 2 for the command line. */
export async function command(experiment: (args: readonly string[]) => Promise<void>): Promise<void> {
  try {
    await experiment(process.argv.slice(2));
  } catch (error) {
    if (error instanceof HelpAsked) {
      process.stdout.write(`usage: node ${relative("", process.argv[1]!)} ${error.message}\n${MEANING}\n`);
      return;
    }
    if (!EXPECTED.some((kind) => error instanceof kind)) throw error;
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = error instanceof OptionError ? 2 : 1;
  }
}
