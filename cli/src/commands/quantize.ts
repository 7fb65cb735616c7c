import { basename } from "node:path";
import { bleuTokenizerOf, corpusBleu, describeLoss, quantizeBundle } from "@carousel/training";
import { Command } from "commander";
import { InputError, readParallel, write } from "../lines.js";
import { bundleFolder, integer } from "../options.js";
import { translateAll } from "../translate-all.js";

const EXAMPLES = `
Examples:
  carousel quantize runs/ja-en/bundle
  carousel quantize tatoeba-ja-en --out int8/tatoeba-ja-en --source test.ja --reference test.en   the card says what it lost`;

interface Options {
  readonly out?: string;
  readonly source?: string;
  readonly reference?: string;
  readonly beam: number;
  readonly json?: true;
}

export function quantizeCommand(): Command {
  return new Command("quantize")
    .description("write a bundle whose matrices, and the rows that meet them, are int8: smaller, and faster on a CPU")
    .argument("<name or folder>")
    .option("--out <folder>", "the new bundle (default: the old one's folder with -int8 behind)")
    .option("--source <file>", "sentences to measure the loss on, one a line")
    .option("--reference <file>", "their translations")
    .option("--beam <n>", "beam size of the measurement", integer(1, 16), 5)
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(quantize);
}

async function quantize(name: string, { source, reference, beam, json, ...options }: Options): Promise<void> {
  if ((source === undefined) !== (reference === undefined)) {
    throw new InputError("--source and --reference come together: the loss is measured with both");
  }
  const folder = bundleFolder(name);
  const out = options.out ?? `${folder.replace(/\/+$/, "")}-int8`;
  const test = source && reference ? await readParallel(source, reference) : undefined;
  const { before, after, difference } = await quantizeBundle({ folder, out });
  const scoreOf = async (bundle: string) => {
    const { hypotheses, model } = await translateAll(bundle, { sources: test!.sources, search: { beamSize: beam } });
    return corpusBleu({ hypotheses, references: test!.references, tokenizer: bleuTokenizerOf(model.targetLanguage) });
  };
  const [old, fresh] = test ? [await scoreOf(folder), await scoreOf(out)] : [];
  const bleu = old && fresh && { before: old.score, after: fresh.score };
  if (bleu) {
    const loss = { sentences: test!.sources.length, beam, bleu, signature: fresh.signature };
    await describeLoss(out, { name: basename(source!), loss });
  }
  const [was, is] = [before, after].map(({ files }) => Object.values(files).reduce((sum, f) => sum + f.bytes, 0));
  if (json) {
    const { name, version } = after;
    return write(`${JSON.stringify({ folder: out, name, version, bytes: { was, is }, difference, bleu }, null, 2)}\n`);
  }
  await write(
    `${out}: ${after.name} ${after.version}, ${mebibytes(was!)} → ${mebibytes(is!)} MiB; ` +
      `random sentences change by up to ${difference.toFixed(3)} nats a token\n` +
      (bleu ? `BLEU ${bleu.before.toFixed(2)} → ${bleu.after.toFixed(2)}  ${fresh.signature}\n` : ""),
  );
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
