import type { HistoryEntry } from "./history.js";

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Series {
  readonly label: string;
  readonly color: string;
  /** What it does while a training goes well. */
  readonly trend: "falls" | "rises";
  readonly points: readonly Point[];
}

const WIDTH = 760;
const PANEL = { left: 60, right: 20, top: 34, height: 190, gap: 62 };
const TICKS = 5;

/** The training curve as an SVG picture: loss by step, and below it validation BLEU, or perplexity when there is none. */
export function curveSvg(history: readonly HistoryEntry[], { title }: { title: string }): string {
  const train = history.filter((e) => e.kind === "train");
  const valid = history.filter((e) => e.kind === "validation");
  const losses: Series[] = [
    { label: "training loss", color: "#9aa5b1", trend: "falls", points: train.map((e) => ({ x: e.step, y: e.loss })) },
    {
      label: "validation loss",
      color: "#1f6feb",
      trend: "falls",
      points: valid.map((e) => ({ x: e.step, y: e.loss })),
    },
  ];
  const bleu = valid.flatMap((e) => (e.bleu === undefined ? [] : [{ x: e.step, y: e.bleu }]));
  const perplexity = valid.map((e) => ({ x: e.step, y: e.perplexity }));
  const quality: Series =
    bleu.length > 0
      ? { label: "validation BLEU (greedy)", color: "#2da44e", trend: "rises", points: bleu }
      : { label: "validation perplexity", color: "#bf3989", trend: "falls", points: perplexity };
  const lastStep = Math.max(1, ...history.map((e) => e.step));
  const height = PANEL.top + 2 * PANEL.height + PANEL.gap + 44;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="${PANEL.left}" y="18" font-size="14" font-weight="bold">${escapeXml(title)}</text>`,
    panel(losses, { top: PANEL.top, lastStep }),
    panel([quality], { top: PANEL.top + PANEL.height + PANEL.gap, lastStep }),
    `<text x="${WIDTH / 2}" y="${height - 6}" text-anchor="middle">step</text>`,
    "</svg>\n",
  ].join("\n");
}

function panel(series: readonly Series[], { top, lastStep }: { top: number; lastStep: number }): string {
  const drawn = series.filter((s) => s.points.length > 0);
  const range = rangeOf(drawn);
  const bottom = top + PANEL.height;
  const right = WIDTH - PANEL.right;
  const x = (value: number) => PANEL.left + ((right - PANEL.left) * value) / lastStep;
  const y = (value: number) =>
    bottom - ((bottom - top) * (Math.min(value, range.high) - range.low)) / (range.high - range.low);
  const lines = drawn.map(
    ({ points, color }) =>
      `<polyline fill="none" stroke="${color}" stroke-width="1.6" points="${points
        .map((p) => `${x(p.x).toFixed(1)},${y(p.y).toFixed(1)}`)
        .join(" ")}"/>`,
  );
  const names = drawn.map(({ label, color }) => `<tspan dx="12" fill="${color}">${label}</tspan>`);
  const legend = `<text x="${right}" y="${top - 8}" text-anchor="end">${names.join("")}</text>`;
  return [...axes({ top, bottom, right, range, lastStep, x, y }), ...lines, legend].join("\n");
}

interface Axes {
  readonly top: number;
  readonly bottom: number;
  readonly right: number;
  readonly range: { low: number; high: number };
  readonly lastStep: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

function axes({ top, bottom, right, range, lastStep, x, y }: Axes): string[] {
  const steps = Array.from({ length: TICKS }, (_, i) => i / (TICKS - 1));
  return [
    `<rect x="${PANEL.left}" y="${top}" width="${right - PANEL.left}" height="${bottom - top}" fill="none" stroke="#d0d7de"/>`,
    ...steps.map((f) => {
      const value = range.low + f * (range.high - range.low);
      return `<text x="${PANEL.left - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${label(value)}</text>`;
    }),
    ...steps.map((f) => {
      const step = Math.round(f * lastStep);
      return `<text x="${x(step).toFixed(1)}" y="${bottom + 16}" text-anchor="middle">${step}</text>`;
    }),
  ];
}

/** Extremes of the values; of those that fall, without the highest twentieth: the first steps would flatten the rest. */
function rangeOf(series: readonly Series[]): { low: number; high: number } {
  const sorted = series.flatMap((s) => s.points.map((p) => p.y)).sort((a, b) => a - b);
  if (sorted.length === 0) return { low: 0, high: 1 };
  const share = series.some((s) => s.trend === "falls") ? 0.95 : 1;
  const low = sorted[0]!;
  const high = sorted[Math.floor((sorted.length - 1) * share)]!;
  return high > low ? { low, high } : { low, high: low + 1 };
}

function label(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
