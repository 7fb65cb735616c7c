import { writeFile } from "node:fs/promises";
import { calibrateBundle } from "@carousel/bundle";
import { searchOptions } from "@carousel/server";
import { LocalModel } from "@carousel/server/local";
import { CONFIDENCE_SIGNS, confidenceFeatures } from "@carousel/server/worker/confidence";
import {
  bleuTokenizerOf,
  corpusBleu,
  crossFitted,
  fitLogistic,
  reliability,
  reliabilityDiagram,
  sentenceChrf,
} from "@carousel/training";
import { readAligned } from "@carousel/training/data/parallel";
import { namingFile, requireWritable } from "@carousel/training/files";
import { Command } from "commander";
import { byLengthPenalty } from "../by-length-penalty.js";
import { InputError } from "../input-error.js";
import { bundleFolder, integer, number } from "../options.js";
import { write, writeJson } from "../streams.js";

const EXAMPLES = `
Examples:
  carousel calibrate --model runs/ja-en/bundle --source valid.ja --reference valid.en --diagram reliability.svg
  carousel calibrate --model runs/ja-en/bundle --source valid.ja --reference valid.en --length-penalties 0.6,1,1.4,1.8`;

const LEAST = 50;
const FOLDS = 5;
const BINS = 10;

interface Options {
  readonly model: string;
  readonly source: string;
  readonly reference: string;
  readonly beam: number;
  readonly lengthPenalties?: readonly number[];
  readonly diagram?: string;
  readonly json?: true;
}

export function calibrateCommand(): Command {
  return new Command("calibrate")
    .description(
      "learn from held-out pairs how to search and what quality to expect of a translation; the bundle's manifest keeps it",
    )
    .requiredOption("--model <name or folder>", "the bundle")
    .requiredOption("--source <file>", "source sentences, one a line")
    .requiredOption("--reference <file>", "reference translations, one a line")
    .option("--beam <n>", "beam size, 1 is greedy", integer(1, 16), 5)
    .option(
      "--length-penalties <list>",
      "choose by BLEU among these alphas (GNMT) the one for requests that say none",
      lengthPenalties,
    )
    .option("--diagram <file>", "draw a reliability diagram, an SVG image")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(calibrate);
}

async function calibrate(options: Options): Promise<void> {
  const folder = bundleFolder(options.model);
  const pairs = await readPairs(options);
  const { diagram } = options;
  if (diagram) await requireWritable(diagram);
  const chosen = options.lengthPenalties && (await chooseLengthPenalty(folder, options.lengthPenalties, pairs));
  const { rows, names, found } = await translations(folder, pairs, chosen?.best);
  if (rows.length < LEAST) {
    throw new InputError(`${rows.length} lines of ${options.source} are one sentence, at least ${LEAST} are wanted`);
  }
  const signs = names.map((name) => CONFIDENCE_SIGNS[name]);
  const measured = reliability(crossFitted(rows, found, { folds: FOLDS, signs }), found, { bins: BINS });
  const { bias, weights } = fitLogistic(rows, found, signs);
  const named = Object.fromEntries(names.map((name, k) => [name, weights[k]!])) as ReturnType<
    typeof confidenceFeatures
  >;
  const { error } = measured;
  const calibration = {
    measure: "chrF2",
    bias,
    weights: named,
    lines: rows.length,
    beam: options.beam,
    error,
  } as const;
  if (diagram) {
    await namingFile(diagram, () => writeFile(diagram, reliabilityDiagram(measured, { title: "chrF2, %" })));
  }
  await calibrateBundle(folder, { calibration, ...(chosen ? { search: { lengthPenalty: chosen.best } } : {}) });
  if (options.json) {
    const lengthPenalty = chosen ? { lengthPenalty: chosen.best, bleu: chosen.bleu } : {};
    return writeJson({ ...calibration, bins: measured.bins, ...lengthPenalty });
  }
  for (const { alpha, score } of chosen?.bleu ?? []) {
    await write(`length penalty ${alpha}\tBLEU ${score.toFixed(2)}${alpha === chosen?.best ? "\tchosen" : ""}\n`);
  }
  await write("expected\tfound\tlines\n");
  for (const b of measured.bins) await write(`${b.expected.toFixed(3)}\t${b.found.toFixed(3)}\t${b.rows}\n`);
  await write(`expected calibration error ${error.toFixed(4)} on lines that the fit had not seen\n`);
}

interface Pairs {
  readonly sources: readonly string[];
  readonly references: readonly string[];
  readonly beam: number;
}

async function readPairs({ source, reference, beam }: Options): Promise<Pairs> {
  const [sources, references] = await readAligned(source, reference);
  if (sources.length < LEAST)
    throw new InputError(`${source} has ${sources.length} lines, at least ${LEAST} are wanted`);
  return { sources, references, beam };
}

/** BLEU by length penalty; of equals the first is best. */
async function chooseLengthPenalty(folder: string, alphas: readonly number[], { sources, references, beam }: Pairs) {
  const model = await LocalModel.open(folder);
  const tokenizer = bleuTokenizerOf(model.model.targetLanguage);
  const texts = await byLengthPenalty(model, { sources, alphas, beam });
  await model.close();
  const bleu = alphas.map((alpha, k) => {
    return { alpha, score: corpusBleu({ hypotheses: texts[k]!, references, tokenizer }).score };
  });
  return { best: bleu.reduce((best, other) => (other.score > best.score ? other : best)).alpha, bleu };
}

function lengthPenalties(list: string): number[] {
  return list.split(",").map((alpha) => number(0, 10)(alpha));
}

/** What is known of the translation of each line that is one segment, and the quality found, chrF2 ÷ 100. */
async function translations(folder: string, { sources, references, beam }: Pairs, lengthPenalty?: number) {
  const model = await LocalModel.open(folder);
  const rows: number[][] = [];
  const found: number[] = [];
  let names: (keyof typeof CONFIDENCE_SIGNS)[] = [];
  let line = 0;
  for await (const { segments, hypotheses } of model.translate(
    sources,
    searchOptions({ beamSize: beam, lengthPenalty }),
  )) {
    const expected = references[line++]!;
    if (segments !== 1) continue;
    const features = confidenceFeatures(hypotheses[0]!);
    names = Object.keys(features) as typeof names;
    rows.push(Object.values(features));
    found.push(sentenceChrf({ hypothesis: hypotheses[0]!.text, reference: expected }) / 100);
  }
  await model.close();
  return { rows, found, names };
}
