import type { Device } from "@carousel/server";
import {
  BLEU_TOKENIZERS,
  type BleuTokenizer,
  bleuTokenizerOf,
  corpusBleu,
  corpusChrf,
  sequenceErrorRate,
  tokenErrorRate,
} from "@carousel/training";
import { readAligned } from "@carousel/training/data/parallel";
import { Command, Option } from "commander";
import { bundleFolder, deviceOption, integer } from "../options.js";
import { type SearchFlags, searchFlags } from "../search-flags.js";
import { write, writeJson } from "../streams.js";
import { translateAll } from "../translate-all.js";

const EXAMPLES = `
Examples:
  carousel evaluate --model tatoeba-ja-en --source test.ja --reference test.en --beam 5
  carousel evaluate --model tatoeba-en-ja --source test.en --reference test.ja --json
  carousel evaluate --model runs/m30k/bundle --source test.en --reference test.de --tokenize none   tokens between spaces`;

interface Options extends SearchFlags {
  readonly model: string;
  readonly source: string;
  readonly reference: string;
  readonly beam: number;
  readonly device: Device;
  readonly tokenize?: BleuTokenizer;
  readonly json?: true;
}

export function evaluateCommand(): Command {
  const command = new Command("evaluate")
    .description("translate a test set and score it with BLEU and chrF, as sacreBLEU does, and by its errors")
    .requiredOption("--model <name or folder>", "the bundle")
    .requiredOption("--source <file>", "source sentences, one a line")
    .requiredOption("--reference <file>", "reference translations, one a line")
    .option("--beam <n>", "beam size, 1 is greedy", integer(1, 16), 5)
    .addOption(
      new Option(
        "--tokenize <how>",
        "how BLEU splits words (default: char for languages without spaces, else 13a)",
      ).choices(BLEU_TOKENIZERS),
    )
    .addOption(deviceOption())
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(evaluate);
  return searchFlags(command);
}

async function evaluate(options: Options): Promise<void> {
  const [sources, references] = await readAligned(options.source, options.reference);
  const search = { ...options, beamSize: options.beam, noShortlist: !options.shortlist };
  const { hypotheses, model, seconds } = await translateAll(bundleFolder(options.model), {
    sources,
    search,
    device: options.device,
  });
  const bleu = corpusBleu({
    hypotheses,
    references,
    tokenizer: options.tokenize ?? bleuTokenizerOf(model.targetLanguage),
  });
  const chrf = corpusChrf({ hypotheses, references });
  // of a line as a whole, as SIGMORPHON counts where a line is a word; and of its tokens
  const wer = sequenceErrorRate({ hypotheses, references });
  const tokens = tokenErrorRate({ hypotheses, references });
  const { name, version } = model;
  if (options.json) {
    return writeJson({
      model: name,
      modelVersion: version,
      sentences: sources.length,
      beam: options.beam,
      bleu,
      chrf,
      wer,
      tokenErrorRate: tokens,
      seconds,
    });
  }
  await write(
    `BLEU ${bleu.score.toFixed(2)}  ${bleu.signature}\n` +
      `chrF ${chrf.score.toFixed(2)}  ${chrf.signature}\n` +
      `WER ${wer.score.toFixed(2)}  ${wer.errors} of ${wer.total} lines differ\n` +
      `token error rate ${tokens.score.toFixed(2)}  ${tokens.errors} errors in ${tokens.total} tokens\n`,
  );
}
