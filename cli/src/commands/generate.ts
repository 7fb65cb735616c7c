import { samplingOptions } from "@carousel/server";
import { LocalModel } from "@carousel/server/local";
import { Command } from "commander";
import { bundleFolder, integer, number } from "../options.js";
import { collected, type SamplingFlags, samplingFlags } from "../search-flags.js";
import { write, writeJson } from "../streams.js";

const EXAMPLES = `
Examples:
  carousel generate --model shakespeare --prompt "ROMEO:" --max-tokens 300 --temperature 0.8 --seed 1
  carousel generate --model shakespeare --prompt "To be" --temperature 0`;

interface Options extends SamplingFlags {
  readonly model: string;
  readonly prompt: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly minTokens?: number;
  readonly stop: readonly string[];
  readonly json?: true;
}

export function generateCommand(): Command {
  const command = new Command("generate")
    .description("continue a prompt with a language model; the text is written as it comes")
    .requiredOption("--model <name or folder>", "the bundle")
    .requiredOption("--prompt <text>", "what to continue")
    .option("--max-tokens <n>", "most new tokens", integer(1, 4096), 256)
    .option("--temperature <t>", "0 takes the likeliest token", number(0, 10), 1)
    .option("--min-tokens <n>", "fewest new tokens before the end", integer(0, 4096))
    .option("--stop <text>", "the text ends before it; may be given again", collected, [])
    .option("--json", "print one JSON document at the end")
    .addHelpText("after", EXAMPLES)
    .action(async (options: Options) => {
      const { prompt, json } = options;
      const sampling = samplingOptions({ ...options, noRepeatNgram: options.blockNgramRepeat });
      const model = await LocalModel.open(bundleFolder(options.model));
      model.requireTask("generation"); // before the prompt is written, as if it went on
      if (!json) await write(prompt);
      const generated = await model.generate(prompt, sampling, (piece) => {
        if (!json) process.stdout.write(piece);
      });
      await (json ? writeJson({ prompt, ...generated }) : write("\n"));
      await model.close();
    });
  return samplingFlags(command);
}
