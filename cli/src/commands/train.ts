import { train } from "@carousel/training";
import { Command } from "commander";

const EXAMPLES = `
Examples:
  carousel train training/recipes/tatoeba-ja-en.yaml --set data=corpora/tatoeba-ja-en
  carousel train my-recipe.yaml --set training.maxEpochs=5 --set model.dropout=0.2
  carousel train my-recipe.yaml --resume`;

export function trainCommand(): Command {
  return new Command("train")
    .description("train a model by a recipe; ends in a bundle")
    .argument("<recipe>", "a recipe (YAML)")
    .option("--resume", "go on from the last checkpoint of the run folder")
    .option("--set <key=value>", "override a key of the recipe; repeat for more", collect, [])
    .option("--run <folder>", "where checkpoints, history and the bundle go (default: runs/NAME)")
    .addHelpText("after", EXAMPLES)
    .action(async (recipe: string, options: { resume?: true; set: string[]; run?: string }) => {
      const { reason, bundle } = await train({
        recipe,
        overrides: options.set,
        resume: options.resume ?? false,
        ...(options.run ? { runFolder: options.run } : {}),
      });
      // as a shell says of a program that Ctrl-C has ended
      if (reason === "interrupted") process.exitCode = 130;
      if (bundle) process.stderr.write(`bundle: ${bundle.folder}\n`);
    });
}

function collect(value: string, earlier: string[]): string[] {
  return [...earlier, value];
}
