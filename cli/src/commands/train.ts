import { type Device, train } from "@carousel/training";
import { Command } from "commander";
import { bundleFolder, deviceOption } from "../options.js";

const EXAMPLES = `
Examples:
  carousel train training/recipes/tatoeba-ja-en.yaml --set data=corpora/tatoeba-ja-en
  carousel train my-recipe.yaml --set training.maxEpochs=5 --set model.dropout=0.2
  carousel train my-recipe.yaml --from float/tatoeba-ja-en --set data=my-texts
  carousel train my-recipe.yaml --resume
  carousel train my-recipe.yaml --device cuda --set training.stepsPerRun=16`;

export function trainCommand(): Command {
  return new Command("train")
    .description("train a model by a recipe; ends in a bundle")
    .argument("<recipe>", "a recipe (YAML)")
    .option("--resume", "go on from the last checkpoint of the run folder")
    .option("--from <name or folder>", "start from the weights and tokenizers of a bundle (fine-tuning)")
    .option("--set <key=value>", "override a key of the recipe; repeat for more", collect, [])
    .addOption(deviceOption("where the steps run"))
    .option("--run <folder>", "where checkpoints, history and the bundle go (default: runs/NAME)")
    .addHelpText("after", EXAMPLES)
    .action(async (recipe: string, options: Options) => {
      const { reason, bundle } = await train({
        recipe,
        overrides: [...options.set, ...(options.from ? [fromBundle(options.from)] : [])],
        resume: options.resume ?? false,
        device: options.device,
        ...(options.run ? { runFolder: options.run } : {}),
      });
      // as a shell says of a program that Ctrl-C has ended
      if (reason === "interrupted") process.exitCode = 130;
      if (bundle) process.stderr.write(`bundle: ${bundle.folder}\n`);
    });
}

interface Options {
  readonly resume?: true;
  readonly from?: string;
  readonly device: Device;
  readonly set: string[];
  readonly run?: string;
}

/** The assignment of a recipe key; as JSON, which is YAML, the folder may have any name. */
function fromBundle(nameOrFolder: string): string {
  return `from=${JSON.stringify(bundleFolder(nameOrFolder))}`;
}

function collect(value: string, earlier: string[]): string[] {
  return [...earlier, value];
}
