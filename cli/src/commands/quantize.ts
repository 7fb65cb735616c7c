import { resolve } from "node:path";
import { INT8, PRECISIONS, quantizeBundle, type TargetPrecision } from "@carousel/training";
import { Command, Option } from "commander";
import { InputError } from "../input-error.js";
import { lossLine, measureLoss, readLossTest } from "../measure-loss.js";
import { bundleFolder, integer } from "../options.js";
import { write, writeJson } from "../streams.js";

const EXAMPLES = `
Examples:
  carousel quantize runs/ja-en/bundle
  carousel quantize float/tatoeba-ja-en --precision fp16 --out fp16/tatoeba-ja-en   for --device cuda
  carousel quantize tatoeba-ja-en --out int8/tatoeba-ja-en --source test.ja --reference test.en   the card says what it lost`;

interface Options {
  readonly precision: TargetPrecision;
  readonly out?: string;
  readonly source?: string;
  readonly reference?: string;
  readonly beam: number;
  readonly json?: true;
}

export function quantizeCommand(): Command {
  return new Command("quantize")
    .description("write a bundle that computes in small numbers: int8, smaller and faster on a CPU; or fp16, for a GPU")
    .argument("<name or folder>")
    .addOption(
      new Option("--precision <p>", "int8: matrices, and the rows that meet them; fp16: all but the scores")
        .choices(PRECISIONS)
        .default("int8"),
    )
    .option("--out <folder>", "the new bundle (default: the old one's folder with the precision behind)")
    .option("--source <file>", "sentences to measure the loss on, one a line")
    .option("--reference <file>", "their translations")
    .option("--beam <n>", "beam size of the measurement", integer(1, 16), 5)
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(quantize);
}

async function quantize(
  name: string,
  { precision, source, reference, beam, json, ...options }: Options,
): Promise<void> {
  if ((source === undefined) !== (reference === undefined)) {
    throw new InputError("--source and --reference come together: the loss is measured with both");
  }
  if (precision === "fp16" && source !== undefined) {
    throw new InputError("--source measures int8: a bundle in fp16 is translated with where there is a GPU");
  }
  const folder = bundleFolder(name);
  const out = options.out ?? `${folder.replace(/\/+$/, "")}-${precision}`;
  if (source !== undefined && resolve(out) === resolve(folder)) {
    throw new InputError("--source compares two bundles: --out must name another folder");
  }
  const test = source && reference ? await readLossTest(source, reference, beam) : undefined;
  const { before, after, difference } = await quantizeBundle({ folder, out, precision });
  const loss = test && (await measureLoss(test, { before: { folder }, after: { folder: out }, speedup: INT8 }));
  const [was, is] = [before, after].map(({ files }) => Object.values(files).reduce((sum, f) => sum + f.bytes, 0));
  if (json) {
    const { name, version } = after;
    return writeJson({ folder: out, name, version, bytes: { was, is }, difference, bleu: loss?.bleu });
  }
  await write(
    `${out}: ${after.name} ${after.version}, ${mebibytes(was!)} → ${mebibytes(is!)} MiB${changeOf(difference)}\n${lossLine(loss)}`,
  );
}

function changeOf(difference: number | undefined): string {
  return difference === undefined ? "" : `; random sentences change by up to ${difference.toFixed(3)} nats a token`;
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
