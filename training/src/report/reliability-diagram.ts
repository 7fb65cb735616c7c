import type { Reliability } from "../metrics/calibration.js";
import { drawChart } from "./chart.js";
import { CHART_STYLE, LIGHT } from "./chart-style.js";
import { markup, trusted } from "./markup.js";

const FRAME = { width: 420, height: 360, lastStep: 100 };

/** What was found against what was expected, in percent, with the diagonal on which both are the same; an SVG image. */
export function reliabilityDiagram({ bins, error }: Reliability, { title }: { title: string }): string {
  const diagonal = [0, 100].map((x) => ({ x, y: x }));
  const points = bins.map(({ expected, found }) => ({ x: 100 * expected, y: 100 * found }));
  const chart = {
    title,
    shape: "fromZero",
    scale: "linear",
    series: [
      { label: `found; error ${(100 * error).toFixed(1)}`, tone: "quality", points },
      { label: "expected", tone: "baseline", points: diagonal },
    ],
  } as const;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${FRAME.width} ${FRAME.height + 18}" font-family="sans-serif">
<style>svg{${trusted(LIGHT)}}${trusted(CHART_STYLE)}</style>
<rect width="${FRAME.width}" height="${FRAME.height + 18}" fill="#ffffff"/>
${drawChart(chart, FRAME)}
<text class="tick" x="${FRAME.width / 2}" y="${FRAME.height + 10}" text-anchor="middle">confidence, %</text>
</svg>
`.toString();
}
