import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CELLS, type CellName, VECTOR_CELLS } from "@carousel/training/cells/index";
import { translateGreedily } from "@carousel/training/export/translate";
import { median } from "@carousel/training/median";
import { loadRecipe } from "@carousel/training/recipe/index";
import { type Machine, thisMachine } from "@carousel/training/report/machine";
import type { StepEvent } from "@carousel/training/trainer/events";
import { progressLine } from "@carousel/training/trainer/progress-line";
import { train } from "@carousel/training/trainer/train";
import { barPicture } from "./bar-picture.js";
import { grouped, markdownTable } from "./markdown-table.js";
import { Options } from "./options.js";
import { addRuns, RESULTS, rounded, writeText } from "./results.js";

export interface CellRun {
  readonly data: string;
  readonly pair: string;
  readonly steps: number;
  readonly epochs: number;
  /** Of greedy translations of the validation sentences, by the parameters of the best validation. */
  readonly bleu: number;
  readonly perplexity: number;
  /** Target tokens, the median over the steps. */
  readonly tokensPerSecond: number;
  readonly parameters: number;
  readonly machine: Machine;
}

const KEYS = ["data", "source", "target", "valid", "cell", "recipe", "steps", "threads", "seed", "runs", "out"];

/** The recipe beside the source of this file. */
const RECIPE = fileURLToPath(new URL("../../experiments/cells.yaml", import.meta.url));

/** Trains the same recipe with each cell, one after the other; JSON, a table in Markdown and a picture are written after each. */
export async function compareCells(args: readonly string[]): Promise<Record<string, CellRun>> {
  const options = new Options(args, KEYS);
  const data = options.required("data", "a folder with parallel text such as train.de, train.en, valid.de, valid.en");
  const out = options.folder("out", RESULTS);
  const names = options.names("cell", Object.keys(CELLS)) as CellName[];
  const common = [`data=${data}`, ...settings(options)];
  let runs: Record<string, CellRun> = {};
  for (const cell of names) {
    process.stderr.write(`${cell}\n`);
    const recipe = options.text("recipe", RECIPE);
    const run = await cellRun(
      { recipe, overrides: [...common, overrideFor(cell)] },
      join(options.text("runs", "runs/cells"), cell),
    );
    if (!run) break;
    runs = await addRuns(out, "cells.json", { about: { experiment: "cells" }, runs: { [cell]: run } });
    await writeText(out, "cells.md", cellsTable(runs));
    await writeText(out, "cells.svg", cellsPicture(runs));
  }
  return runs;
}

function settings(options: Options): string[] {
  const [source, target] = [options.text("source", "de"), options.text("target", "en")];
  const valid = options.text("valid", "valid");
  const side = (key: string, language: string) => [
    `data.${key}.language=${language}`,
    `data.${key}.train=train.${language}`,
    `data.${key}.valid=${valid}.${language}`,
  ];
  const steps = options.count("steps", 0, 0);
  const threads = options.count("threads", 0, 0);
  return [
    ...side("source", source),
    ...side("target", target),
    `training.seed=${options.count("seed", 1, 0)}`,
    ...(steps > 0 ? [`training.maxSteps=${steps}`] : []),
    ...(threads > 0 ? [`training.threads=${threads}`] : []),
  ];
}

/** A cell over feature maps encodes; the decoder then has the recipe's own cell. */
function overrideFor(cell: CellName): string {
  return cell in VECTOR_CELLS ? `model.cell=${cell}` : `model.encoder.cell=${cell}`;
}

/** Undefined when the training was interrupted. */
async function cellRun(
  { recipe: path, overrides }: { recipe: string; overrides: string[] },
  runFolder: string,
): Promise<CellRun | undefined> {
  const recipe = await loadRecipe(path, { set: overrides });
  const show = progressLine(process.stderr);
  const steps: StepEvent[] = [];
  const result = await train({
    recipe,
    runFolder,
    translate: translateGreedily,
    onProgress(event) {
      if (event.kind === "step") steps.push(event);
      show(event);
    },
  });
  if (!result.scores || recipe.task !== "translation") return undefined;
  const { source, target, folder } = recipe.data;
  const sizes = [...result.parameters.values()].map((p) => p.data.length);
  return {
    data: folder.split(/[/\\]/).at(-1)!,
    pair: `${source.language}–${target.language}`,
    steps: steps.at(-1)!.step,
    epochs: steps.at(-1)!.epoch,
    bleu: rounded(result.scores.bleu!, 4),
    perplexity: rounded(result.scores.perplexity, 4),
    tokensPerSecond: Math.round(medianRate(steps)),
    parameters: sizes.reduce((a, b) => a + b, 0),
    machine: thisMachine(),
  };
}

/** Target tokens a second; the median over runs of the engine, some steps each, leaves out what validations take. */
export function medianRate(steps: readonly Pick<StepEvent, "seconds" | "targetTokens">[]): number {
  const runs: { seconds: number; targetTokens: number }[] = [];
  for (const { seconds, targetTokens } of steps) {
    const last = runs.at(-1);
    if (last?.seconds === seconds) last.targetTokens += targetTokens;
    else runs.push({ seconds, targetTokens });
  }
  const rates = runs.slice(1).map((run, k) => run.targetTokens / (run.seconds - runs[k]!.seconds));
  return rates.length === 0 ? 0 : median(rates);
}

/** The BLEU of each cell, a bar each. */
function cellsPicture(runs: Readonly<Record<string, CellRun>>): string {
  const bars = Object.keys(CELLS).flatMap((cell) => {
    const bleu = runs[cell]?.bleu;
    return bleu === undefined ? [] : [{ label: cell, value: bleu, shown: bleu.toFixed(2) }];
  });
  return barPicture({
    title: "All cells on one translation task",
    measure: "BLEU, greedy, validation sentences",
    bars,
  });
}

/** In the order of the list of cells. */
export function cellsTable(runs: Readonly<Record<string, CellRun>>): string {
  const rows = Object.keys(CELLS).flatMap((cell) => {
    const run = runs[cell];
    if (!run) return [];
    const { bleu, perplexity, tokensPerSecond, parameters, epochs } = run;
    return [[cell, bleu.toFixed(2), perplexity.toFixed(2), grouped(tokensPerSecond), grouped(parameters), epochs]];
  });
  return markdownTable(["cell", "BLEU", "perplexity", "target tokens/s", "parameters", "epochs"], rows);
}
