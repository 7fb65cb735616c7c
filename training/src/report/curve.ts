import type { HistoryEntry } from "../trainer/history.js";
import { drawChart } from "./chart.js";
import { CHART_STYLE, LIGHT } from "./chart-style.js";
import { chartsOf } from "./charts.js";
import { markup, trusted } from "./markup.js";

const WIDTH = 760;
const PANEL_HEIGHT = 250;
const TITLE_HEIGHT = 30;

/** The training curve as an SVG picture: loss by step, and below it validation BLEU, or perplexity when there is none. */
export function curveSvg(history: readonly HistoryEntry[], { title }: { title: string }): string {
  const charts = chartsOf(history);
  const frame = { width: WIDTH, height: PANEL_HEIGHT, lastStep: Math.max(1, ...history.map((e) => e.step)) };
  const panels = [charts.loss, charts.bleu ?? charts.perplexity].map(
    (chart, k) =>
      markup`<g transform="translate(0 ${TITLE_HEIGHT + k * PANEL_HEIGHT})">\n${drawChart(chart, frame)}\n</g>\n`,
  );
  const height = TITLE_HEIGHT + 2 * PANEL_HEIGHT + 18;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif">
<style>svg{${trusted(LIGHT)}}${trusted(CHART_STYLE)}</style>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="12" y="22" font-size="15" font-weight="bold">${title}</text>
${panels}<text class="tick" x="${WIDTH / 2}" y="${height - 6}" text-anchor="middle">step</text>
</svg>
`.toString();
}
