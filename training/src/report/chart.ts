import { type Axis, linearAxis, logarithmicAxis } from "./axis.js";
import { type Markup, markup } from "./markup.js";

export interface Point {
  /** Step of training. */
  readonly x: number;
  readonly y: number;
}

/** Curves of a training by what they show, or several of a kind by number, and what they are compared with. */
export type Tone = "training" | "validation" | "quality" | "setting" | Ordinal | "baseline";
type Ordinal = "first" | "second" | "third" | "fourth" | "fifth" | "sixth";

export interface Series {
  readonly label: string;
  /** Names its colour in the style sheet. */
  readonly tone: Tone;
  readonly points: readonly Point[];
}

export interface Chart {
  readonly title: string;
  readonly series: readonly Series[];
  /** falls: what is highest at the beginning may leave the picture. fromZero: the axis begins at 0. whole: neither. */
  readonly shape: "falls" | "fromZero" | "whole";
  readonly scale: "linear" | "logarithmic";
  /** A step to mark on all series but that of the training. */
  readonly marked?: number | undefined;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Of the horizontal axis. */
  readonly lastStep: number;
}

const MARGIN = { left: 56, right: 10, top: 30, bottom: 26 };
/** Pixels inside the plot that keep points off its border. */
const PADDING = 5;
const TICKS = { across: 5, up: 5 };
/** More points than this are a line without dots. */
const DOTTED = 40;
const DOTTED_TONES: ReadonlySet<Tone> = new Set(["validation", "quality"]);
const EM_SPACE = "\u2003";

/** Lines by step, with axes, title and legend, in a box of the frame's size. Its classes are in chart-style.ts. */
export function drawChart(chart: Chart, frame: Frame): Markup {
  const plot = {
    width: frame.width - MARGIN.left - MARGIN.right,
    height: frame.height - MARGIN.top - MARGIN.bottom,
  };
  const drawn = chart.series.filter((s) => s.points.length > 0);
  const across = linearAxis({ low: 0, high: Math.max(1, frame.lastStep), ticks: TICKS.across });
  const up = verticalAxis(chart, drawn);
  const at = {
    x: (value: number) => PADDING + across.position(value) * (plot.width - 2 * PADDING),
    y: (value: number) => plot.height - PADDING - up.position(value) * (plot.height - 2 * PADDING),
  };
  return markup`<text class="chart-title" x="${MARGIN.left}" y="18">${chart.title}</text>
${legend(drawn, frame.width - MARGIN.right)}
${grid({ across, up }, plot, at)}
<svg class="plot" x="${MARGIN.left}" y="${MARGIN.top}" width="${plot.width}" height="${plot.height}">
${drawn.map((series) => [line(series, at), dots(series, chart.marked, at)])}</svg>`;
}

interface Place {
  x(value: number): number;
  y(value: number): number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function verticalAxis(chart: Chart, drawn: readonly Series[]): Axis {
  const { low, high } = rangeOf(chart, drawn);
  const ends = { low, high, ticks: TICKS.up };
  return chart.scale === "logarithmic" ? logarithmicAxis(ends) : linearAxis(ends);
}

/** Extremes of the values; of those that fall, without the highest twentieth: the first steps would flatten the rest. */
function rangeOf({ shape }: Chart, series: readonly Series[]): { low: number; high: number } {
  const sorted = series.flatMap((s) => s.points.map((p) => p.y).filter(Number.isFinite)).sort((a, b) => a - b);
  if (sorted.length === 0) return { low: shape === "fromZero" ? 0 : 1, high: 2 };
  const low = shape === "fromZero" ? Math.min(0, sorted[0]!) : sorted[0]!;
  const high = shape === "falls" ? sorted[Math.ceil((sorted.length - 1) * 0.95)]! : sorted.at(-1)!;
  // one value, or nothing but zeros
  return high > low ? { low, high } : { low, high: low + (Math.abs(low) || 1) };
}

function legend(series: readonly Series[], right: number): Markup {
  const names = series.map(
    ({ label, tone }, k) => markup`${k > 0 ? EM_SPACE : ""}<tspan class="${tone}">● ${label}</tspan>`,
  );
  return markup`<text class="legend" x="${right}" y="18" text-anchor="end">${names}</text>`;
}

function grid({ across, up }: { across: Axis; up: Axis }, { width, height }: Size, at: Place): Markup {
  const rows = up.ticks.map(({ value, label }) => {
    const y = px(MARGIN.top + at.y(value));
    return markup`<path class="grid" d="M${MARGIN.left} ${y}h${width}"/><text class="tick" x="${MARGIN.left - 8}" y="${y}" dy="4" text-anchor="end">${label}</text>\n`;
  });
  const base = MARGIN.top + height;
  const columns = across.ticks.map(
    ({ value, label }) =>
      markup`<text class="tick" x="${px(MARGIN.left + at.x(value))}" y="${base + 17}" text-anchor="middle">${label}</text>\n`,
  );
  return markup`${rows}${columns}<path class="base" d="M${MARGIN.left} ${base}h${width}"/>`;
}

/** The steps and values themselves go with the line, for whoever points at it. */
function line({ label, tone, points }: Series, at: Place): Markup {
  const places = points.map((p) => `${px(at.x(p.x))},${px(at.y(p.y))}`).join(" ");
  const values = points.map((p) => `${p.x}:${significant(p.y)}`).join(" ");
  return markup`<polyline class="line ${tone}" points="${places}" data-label="${label}" data-values="${values}"/>\n`;
}

function dots({ tone, points }: Series, marked: number | undefined, at: Place): Markup[] {
  if (!DOTTED_TONES.has(tone)) return [];
  const shown = points.length <= DOTTED ? points : points.filter((p) => p.x === marked);
  return shown.map((p) => {
    const [r, name] = p.x === marked ? [4.5, "dot marked"] : [2.2, "dot"];
    return markup`<circle class="${name} ${tone}" cx="${px(at.x(p.x))}" cy="${px(at.y(p.y))}" r="${r}"/>\n`;
  });
}

function px(value: number): string {
  return value.toFixed(1);
}

function significant(value: number): string {
  return String(Number(value.toPrecision(5)));
}
