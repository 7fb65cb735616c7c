import { writeFile } from "node:fs/promises";
import { calibrateBundle } from "@carousel/bundle";
import { searchOptions } from "@carousel/server";
import { LocalModel } from "@carousel/server/local";
import { CONFIDENCE_SIGNS, confidenceFeatures } from "@carousel/server/worker/confidence";
import { corpusChrf, crossFitted, fitLogistic, reliability, reliabilityDiagram } from "@carousel/training";
import { Command } from "commander";
import { InputError, readLines, write } from "../lines.js";
import { bundleFolder, integer } from "../options.js";

const EXAMPLES = `
Example:
  carousel calibrate --model runs/ja-en/bundle --source valid.ja --reference valid.en --diagram reliability.svg`;

const LEAST = 50;
const FOLDS = 5;
const BINS = 10;

interface Options {
  readonly model: string;
  readonly source: string;
  readonly reference: string;
  readonly beam: number;
  readonly diagram?: string;
  readonly json?: true;
}

export function calibrateCommand(): Command {
  return new Command("calibrate")
    .description("learn from held-out pairs what quality to expect of a translation; the bundle's manifest keeps it")
    .requiredOption("--model <name or folder>", "the bundle")
    .requiredOption("--source <file>", "source sentences, one a line")
    .requiredOption("--reference <file>", "reference translations, one a line")
    .option("--beam <n>", "beam size, 1 is greedy", integer(1, 16), 5)
    .option("--diagram <file>", "draw a reliability diagram, an SVG image")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(calibrate);
}

async function calibrate(options: Options): Promise<void> {
  const folder = bundleFolder(options.model);
  const { rows, names, found } = await translations(folder, options);
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
  await calibrateBundle(folder, calibration);
  if (options.diagram) {
    await writeFile(options.diagram, reliabilityDiagram(measured, { title: "chrF2, %" }));
  }
  if (options.json) return write(`${JSON.stringify({ ...calibration, bins: measured.bins }, null, 2)}\n`);
  await write("expected\tfound\tlines\n");
  for (const b of measured.bins) await write(`${b.expected.toFixed(3)}\t${b.found.toFixed(3)}\t${b.rows}\n`);
  await write(`expected calibration error ${error.toFixed(4)} on lines that the fit had not seen\n`);
}

/** What is known of the translation of each line that is one segment, and the quality found, chrF2 ÷ 100. */
async function translations(folder: string, { source, reference, beam }: Options) {
  const [sources, references] = [await readLines(source), await readLines(reference)];
  if (sources.length !== references.length || sources.length < LEAST) {
    throw new InputError(
      `${source} has ${sources.length} lines, ${reference} has ${references.length}: they must be as many, and at least ${LEAST}`,
    );
  }
  const model = await LocalModel.open(folder);
  const rows: number[][] = [];
  const found: number[] = [];
  let names: (keyof typeof CONFIDENCE_SIGNS)[] = [];
  let line = 0;
  for await (const { segments, hypotheses } of model.translate(sources, searchOptions({ beamSize: beam }))) {
    const expected = references[line++]!;
    if (segments !== 1) continue;
    const features = confidenceFeatures(hypotheses[0]!);
    names = Object.keys(features) as typeof names;
    rows.push(Object.values(features));
    found.push(corpusChrf({ hypotheses: [hypotheses[0]!.text], references: [expected] }).score / 100);
  }
  await model.close();
  return { rows, found, names };
}
