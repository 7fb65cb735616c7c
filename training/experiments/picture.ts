import { drawChart, type Point, type Series } from "@carousel/training/report/chart";
import { CHART_STYLE, LIGHT } from "@carousel/training/report/chart-style";
import { markup, trusted } from "@carousel/training/report/markup";

export interface Picture {
  readonly title: string;
  /** What is measured, and in what. */
  readonly measure: string;
  /** What the horizontal axis counts. */
  readonly across: string;
  /** At most as many as there are tones. */
  readonly lines: readonly { readonly label: string; readonly points: readonly Point[] }[];
  readonly baseline?: { readonly label: string; readonly y: number };
  readonly scale: "linear" | "logarithmic";
  /** left: the highest values, those of the first steps, may leave the picture. */
  readonly highest: "kept" | "left";
}

const WIDTH = 760;
const TITLE = 30;
const CHART = 340;
const FOOT = 20;
const TONES = ["first", "second", "third", "fourth", "fifth", "sixth"] as const;

/** Lines by step in one chart, as a file of its own. */
export function curvePicture(picture: Picture): string {
  const { title, across, measure, lines, baseline, scale, highest } = picture;
  if (lines.length > TONES.length)
    throw new RangeError(`a picture has at most ${TONES.length} lines, not ${lines.length}`);
  const lastStep = Math.max(1, ...lines.flatMap((l) => l.points.map((p) => p.x)));
  const series: Series[] = lines.map((l, k) => ({ ...l, tone: TONES[k]! }));
  if (baseline) {
    const points = [0, lastStep].map((x) => ({ x, y: baseline.y }));
    series.push({ label: baseline.label, tone: "baseline", points });
  }
  const shape = highest === "left" ? "falls" : scale === "linear" ? "fromZero" : "whole";
  const chart = drawChart({ title: measure, series, shape, scale }, { width: WIDTH, height: CHART, lastStep });
  const height = TITLE + CHART + FOOT;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif">
<style>svg{${trusted(LIGHT)}}${trusted(CHART_STYLE)}</style>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="12" y="22" font-size="15" font-weight="bold">${title}</text>
<g transform="translate(0 ${TITLE})">
${chart}
</g>
<text class="tick" x="${WIDTH / 2}" y="${height - 8}" text-anchor="middle">${across}</text>
</svg>
`.toString();
}
