import { samplingOptions } from "@carousel/server";
import { LocalModel } from "@carousel/server/local";
import { Command } from "commander";
import { write } from "../lines.js";
import { bundleFolder, integer, number } from "../options.js";

const EXAMPLES = `
Examples:
  carousel generate --model shakespeare --prompt "ROMEO:" --max-tokens 300 --temperature 0.8 --seed 1
  carousel generate --model shakespeare --prompt "To be" --temperature 0`;

interface Options {
  readonly model: string;
  readonly prompt: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly seed?: number;
  readonly json?: true;
}

export function generateCommand(): Command {
  return new Command("generate")
    .description("continue a prompt with a language model; the text is written as it comes")
    .requiredOption("--model <name or folder>", "the bundle")
    .requiredOption("--prompt <text>", "what to continue")
    .option("--max-tokens <n>", "most new tokens", integer(1, 4096), 256)
    .option("--temperature <t>", "0 takes the likeliest token", number(0, 10), 1)
    .option("--top-k <k>", "draw from the k likeliest; 0: from all", integer(0, 1_000_000), 0)
    .option("--top-p <p>", "draw from the likeliest whose mass is p", number(0, 1), 1)
    .option("--seed <n>", "the same seed gives the same text", integer(0, 2 ** 32 - 1))
    .option("--json", "print one JSON document at the end")
    .addHelpText("after", EXAMPLES)
    .action(async (options: Options) => {
      const { prompt, json } = options;
      const sampling = samplingOptions(options);
      const model = await LocalModel.open(bundleFolder(options.model));
      if (!json) await write(prompt);
      const generated = await model.generate(prompt, sampling, (piece) => {
        if (!json) process.stdout.write(piece);
      });
      await write(json ? `${JSON.stringify({ prompt, ...generated }, null, 2)}\n` : "\n");
      await model.close();
    });
}
