import { join } from "node:path";
import { type CellRun, cellsTable } from "./cells-experiment.js";
import type { GradientRun } from "./gradient-flow.js";
import { grouped, markdownTable } from "./markdown-table.js";
import type { FilmRun } from "./moving-digits-experiment.js";
import type { RecallRun } from "./recall.js";
import { type Results, readResults } from "./results.js";

/** Tables of results in Markdown, by the name of the file of results without its ending. */
const TABLES: Readonly<Record<string, (results: Results<never>) => string>> = {
  "copying-100": recallTable,
  "copying-200": recallTable,
  "adding-100": recallTable,
  "adding-200": recallTable,
  gradient: gradientTable,
  "gradient-trained": gradientTable,
  "moving-digits": filmTable,
  cells: ({ runs }: Results<CellRun>) => cellsTable(runs),
};

/** <!-- table: NAME --> … <!-- end --> */
const PLACE = /(<!-- table: (\S+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** A page whose tables are written anew from the results in a folder. Throws when it names a table that is none. */
export async function withTables(page: string, folder: string): Promise<string> {
  const names = [...page.matchAll(PLACE)].map(([, , name]) => name!);
  const tables = new Map(await Promise.all(names.map(async (name) => [name, await tableOf(name, folder)] as const)));
  return page.replace(PLACE, (_, begin: string, name: string, end: string) => `${begin}\n${tables.get(name)}\n${end}`);
}

async function tableOf(name: string, folder: string): Promise<string> {
  const table = TABLES[name];
  if (!table) throw new Error(`there is no table ${name}; there are ${Object.keys(TABLES).join(", ")}`);
  const results = await readResults<never>(join(folder, `${name}.json`));
  return results ? table(results) : "Not run yet.\n";
}

function recallTable({ runs, baseline }: Results<RecallRun>): string {
  const rows = sortedByLoss(runs).map(([cell, r]) => [
    cell,
    grouped(r.parameters),
    grouped(r.steps),
    r.loss.toPrecision(3),
    `${((100 * r.loss) / (baseline as number)).toFixed(0)} %`,
    `${(100 * r.recalled).toFixed(0)} %`,
  ]);
  rows.push(["*without memory*", "", "", (baseline as number).toPrecision(3), "100 %", ""]);
  return markdownTable(["cell", "parameters", "steps", "loss", "of the baseline", "right answers"], rows);
}

function sortedByLoss<R extends { loss: number }>(runs: Readonly<Record<string, R>>): [string, R][] {
  return Object.entries(runs).sort(([, a], [, b]) => a.loss - b.loss);
}

function gradientTable({ runs, lag }: Results<GradientRun>): string {
  const lags = [1, 0.1, 0.5, 1].map((share, k) => (k === 0 ? 1 : Math.round(share * (lag as number))));
  const rows = Object.entries(runs).map(([cell, { norms, bySeed }]) => {
    const last = bySeed.map((n) => n.at(-1)!);
    return [
      cell,
      ...lags.map((k) => scientific(norms[k]!)),
      last.length === 1 ? "one seed" : `${scientific(Math.min(...last))} … ${scientific(Math.max(...last))}`,
    ];
  });
  return markdownTable(["cell", ...lags.map((k) => `k = ${k}`), "least … most of the seeds"], rows);
}

/** 1.2 · 10⁻²¹ for small numbers, 0.12 for others. */
function scientific(value: number): string {
  if (value === 0 || value >= 0.001) return value.toPrecision(2);
  const [mantissa, exponent] = value.toExponential(1).split("e");
  return `${mantissa} · 10<sup>${exponent!.replace("-", "−")}</sup>`;
}

function filmTable({ runs, baseline }: Results<FilmRun>): string {
  const rows = Object.entries(runs).map(([name, r]) => [
    name,
    r.layers,
    r.hidden,
    grouped(r.parameters),
    r.loss.toPrecision(3),
    `${((100 * r.loss) / (baseline as number)).toFixed(0)} %`,
  ]);
  rows.push(["*share of ink alone*", "", "", "", (baseline as number).toPrecision(3), "100 %"]);
  return markdownTable(
    ["network", "layers", "channels or width", "parameters", "nats a pixel", "of the baseline"],
    rows,
  );
}
