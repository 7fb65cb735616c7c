import { type Device, type SearchOptions, samplingOptions, searchOptions } from "@carousel/server";
import { Command } from "commander";
import { InputError } from "../input-error.js";
import { deviceOption, integer, number } from "../options.js";
import { writeSyntheticText } from "../synthetic-text.js";

const EXAMPLES = `
Examples:
  carousel back-translate --model tatoeba-en-ja --target news.en --output news.ja --sample --seed 1
  carousel back-translate --model ./en-de --target news.en --output news.de --beam 5 --resume
The model translates from the target language of the model to be trained into its source language. The recipe reads the
result as a pair of files under data.extra: source is the output, target the text.`;

const LONGEST = 4096;

interface Options {
  readonly model: string;
  readonly target: string;
  readonly output: string;
  readonly beam?: number;
  readonly sample?: true;
  readonly seed?: number;
  readonly temperature?: number;
  readonly maxLength?: number;
  readonly resume?: true;
  readonly device: Device;
}

export function backTranslateCommand(): Command {
  return new Command("back-translate")
    .description("write the source side of monolingual target text: one line out for each line in, aligned")
    .requiredOption("--model <name or folder>", "the bundle that translates from target to source language")
    .requiredOption("--target <file>", "sentences in the target language, one a line")
    .requiredOption("--output <file>", "where the source side goes; what it is made from is said in FILE.origin.json")
    .option("--beam <n>", "beam size, 1 is greedy (default: 5)", integer(1, 16))
    .option("--sample", "draw from the model's distribution instead of searching")
    .option("--seed <n>", "with --sample: the same seed gives the same text (default: 1)", integer(0, 2 ** 32 - 1))
    .option("--temperature <t>", "with --sample: below 1 the likely is likelier (default: 1)", number(0.01, 10))
    .option("--max-length <n>", "most tokens a sentence", integer(1, LONGEST))
    .option("--resume", "go on where an earlier run stopped")
    .addOption(deviceOption())
    .addHelpText("after", EXAMPLES)
    .action((options: Options) =>
      writeSyntheticText({ ...options, source: options.target, search: searchOrSampling(options) }),
    );
}

function searchOrSampling({ sample, seed, temperature, beam, maxLength }: Options): SearchOptions {
  if (!sample) {
    if (seed !== undefined || temperature !== undefined) {
      throw new InputError("--seed and --temperature are for --sample");
    }
    return searchOptions({ beamSize: beam, maxLength });
  }
  if (beam !== undefined) throw new InputError("--sample draws one sentence: it has no --beam");
  return samplingOptions({ seed: seed ?? 1, temperature, maxTokens: maxLength ?? LONGEST });
}
