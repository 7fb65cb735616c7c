import { searchOptions } from "@carousel/server";
import { LocalModel } from "@carousel/server/local";
import { TEXT_FORMATS, type TextFormat } from "@carousel/server/translation/inline/formats";
import { Command, Option } from "commander";
import { readStandardInput, write } from "../lines.js";
import { bundleFolder, integer, number } from "../options.js";

const EXAMPLES = `
Examples:
  echo 彼は医者です。 | carousel translate --model tatoeba-ja-en
  carousel translate --model tatoeba-ja-en --beam 5 < in.ja > out.en
  carousel translate --model ./my-bundle --beam 5 --n-best 3 --json < in.txt
  carousel translate --model tatoeba-ja-en --format html < page.ja.html > page.en.html`;

interface Options {
  readonly model: string;
  readonly beam: number;
  readonly nBest: number;
  readonly lengthPenalty: number;
  readonly maxLength?: number;
  readonly alignments?: true;
  readonly device: "cpu" | "cuda";
  readonly format: TextFormat;
  readonly json?: true;
}

export function translateCommand(): Command {
  return new Command("translate")
    .description("translate standard input, one sentence a line; an empty line gives an empty line")
    .requiredOption("--model <name or folder>", "the bundle")
    .option("--beam <n>", "beam size, 1 is greedy", integer(1, 16), 5)
    .option("--n-best <n>", "hypotheses a line, one after the other", integer(1, 16), 1)
    .option("--length-penalty <a>", "GNMT's alpha", number(0, 10), 1)
    .option("--max-length <n>", "most tokens a sentence", integer(1, 4096))
    .option("--alignments", "with --json: attention weights of each token")
    .addOption(
      new Option("--format <f>", "what is read: lines of text, or one HTML or XML document")
        .choices(TEXT_FORMATS)
        .default("text"),
    )
    .option("--device <d>", "cpu or cuda", "cpu")
    .option("--json", "print one JSON document")
    .addHelpText("after", EXAMPLES)
    .action(translate);
}

async function translate(options: Options): Promise<void> {
  const { json, nBest, format } = options;
  const search = searchOptions({ ...options, beamSize: options.beam });
  const model = await LocalModel.open(bundleFolder(options.model), { device: options.device });
  const lines = await readStandardInput();
  const texts = format === "text" || lines.length === 0 ? lines : [lines.join("\n")];
  const documents: unknown[] = [];
  let done = 0;
  for await (const { hypotheses } of model.translate(texts, search, format)) {
    if (json) documents.push({ source: texts[done], hypotheses });
    else for (let k = 0; k < nBest; k++) await write(`${asWritten(hypotheses[k]?.text ?? "", format)}\n`);
    done++;
    if (process.stderr.isTTY && done % 50 === 0) process.stderr.write(`\r${done}/${texts.length} `);
  }
  if (process.stderr.isTTY) process.stderr.write("\r");
  const { name, version } = model.model;
  if (json)
    await write(`${JSON.stringify({ model: name, modelVersion: version, translations: documents }, null, 2)}\n`);
  await model.close();
}

/** A line stays one; a document has its own line breaks. */
function asWritten(text: string, format: TextFormat): string {
  return format === "text" ? text.replaceAll("\n", " ") : text;
}
