import { averageBundles } from "@carousel/training";
import { Command } from "commander";
import { bundleFolder, number } from "../options.js";
import { write } from "../streams.js";

const EXAMPLES = `
Example:
  carousel average float/tatoeba-ja-en runs/fine-tuned/bundle --share 0.75 --out averaged/tatoeba-ja-en
A model that was trained on for one kind of text loses some of what it knew of all others; the average of both keeps much
of both. Calibrate and quantize it as any other.`;

interface Options {
  readonly share: number;
  readonly out: string;
}

export function averageCommand(): Command {
  return new Command("average")
    .description(
      "write a bundle whose weights are the average of two: of a model, and of what it became by further training",
    )
    .argument("<first>", "a bundle, name or folder, in fp16 or fp32")
    .argument("<second>", "another of the same network; the new one has all but the weights from it")
    .option("--share <s>", "of the second one's weights", number(0, 1), 0.5)
    .requiredOption("--out <folder>", "the new bundle")
    .addHelpText("after", EXAMPLES)
    .action(async (first: string, second: string, { share, out }: Options) => {
      const folders = [bundleFolder(first), bundleFolder(second)] as const;
      const { name, version } = await averageBundles({ folders, share, out });
      await write(`${out}: ${name} ${version}\n`);
    });
}
