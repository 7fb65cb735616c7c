import { type Device, searchOptions } from "@carousel/server";
import { Command, InvalidArgumentError } from "commander";
import { InputError } from "../input-error.js";
import { deviceOption, integer, number } from "../options.js";
import { writeSyntheticText } from "../synthetic-text.js";

const EXAMPLES = `
Examples:
  carousel distill --teacher tatoeba-ja-en --source train.ja --output distilled.en
  carousel distill --teacher ./big --source train.ja --output distilled.en --resume
  carousel distill --teacher ./big --source train.ja --reference train.en --output closest.en --beam 8
The student's recipe reads the result as the target of its training text, or as a pair of files under data.extra.`;

interface Options {
  readonly teacher: string;
  readonly source: string;
  readonly output: string;
  readonly beam: number;
  readonly lengthPenalty?: number;
  readonly maxLength?: number;
  readonly reference?: string;
  readonly select?: "best" | "closest";
  readonly resume?: true;
  readonly device: Device;
}

export function distillCommand(): Command {
  return new Command("distill")
    .description("let a teacher write the training text of a student: one line out for each line in, aligned")
    .requiredOption("--teacher <name or folder>", "the bundle that translates")
    .requiredOption("--source <file>", "source sentences, one a line")
    .requiredOption("--output <file>", "where the translations go; what they are made from is said in FILE.origin.json")
    .option("--beam <n>", "beam size, 1 is greedy", integer(1, 16), 5)
    .option("--reference <file>", "reference translations, one a line: take the hypothesis of the beam closest to them")
    .option("--select <which>", "best (the likeliest) or closest (to the reference, by sentence BLEU)", selection)
    .option("--length-penalty <a>", "GNMT's alpha (default: the bundle's own, or 1)", number(0, 10))
    .option("--max-length <n>", "most tokens a sentence", integer(1, 4096))
    .option("--resume", "go on where an earlier run stopped")
    .addOption(deviceOption())
    .addHelpText("after", EXAMPLES)
    .action(distill);
}

async function distill({ teacher, beam, reference, select, ...options }: Options): Promise<void> {
  const wanted = select ?? (reference ? "closest" : "best");
  if (wanted === "closest" && !reference) throw new InputError("--select closest needs --reference");
  if (wanted === "best" && reference) throw new InputError("--reference is of no use with --select best");
  const nBest = wanted === "closest" ? beam : 1;
  const search = searchOptions({ ...options, beamSize: beam, nBest });
  await writeSyntheticText({ ...options, model: teacher, search, ...(reference ? { reference } : {}) });
}

function selection(text: string): string {
  if (text === "best" || text === "closest") return text;
  throw new InvalidArgumentError("best or closest is expected");
}
