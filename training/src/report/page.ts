import type { HistoryEntry } from "../trainer/history.js";
import { accuracyName } from "./accuracy-name.js";
import { attentionSection } from "./attention-section.js";
import { type Chart, drawChart, type Frame } from "./chart.js";
import { chartsOf } from "./charts.js";
import { header } from "./header.js";
import { type Markup, markup, trusted } from "./markup.js";
import { PAGE_STYLE } from "./page-style.js";
import { POINTER_SCRIPT } from "./pointer.js";
import type { RunFacts } from "./run-facts.js";
import type { SampleEntry } from "./sample-log.js";
import { samplesSection } from "./samples-section.js";
import { setupSection } from "./setup-section.js";

export interface ReportData {
  readonly facts: RunFacts;
  readonly history: readonly HistoryEntry[];
  readonly samples: readonly SampleEntry[];
}

const CHART_SIZE = { width: 540, height: 250 };
/** Nothing is loaded from anywhere, whatever got into the page. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/** The report of a training: one HTML page that needs nothing beside it. */
export function reportPage(data: ReportData): string {
  const { facts, samples } = data;
  const { recipe } = facts;
  const language = recipe.task === "translation" ? recipe.data.target.language : recipe.data.language;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${recipe.name} – training report</title>
<link rel="icon" href="data:,">
<style>${trusted(PAGE_STYLE)}</style>
</head>
<body>
${header(data)}
${curvesSection(data)}
${samplesSection(samples, { language })}
${attentionSection(samples, recipe)}
${setupSection(facts)}
<div id="tip" role="status" hidden></div>
<script>${trusted(POINTER_SCRIPT)}</script>
</body>
</html>
`.toString();
}

function curvesSection({ history, facts }: ReportData): Markup {
  const { loss, perplexity, bleu, reward, accuracy, learningRate, gradientNorm } = chartsOf(history, {
    accuracy: accuracyName(facts.recipe),
  });
  const frame = { ...CHART_SIZE, lastStep: Math.max(1, ...history.map((e) => e.step)) };
  const charts = [loss, perplexity, bleu, reward, accuracy, learningRate, gradientNorm].filter((c) => c !== undefined);
  return markup`<section id="curves">
<h2>Course</h2>
<p class="note">By step of training; a ring marks the best validation. The training loss is what is minimized, label smoothing and dropout included.</p>
<div class="charts">
${charts.map((chart) => chartFigure(chart, frame))}</div>
</section>`;
}

function chartFigure(chart: Chart, frame: Frame): Markup {
  return markup`<svg class="chart" viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-label="${chart.title} by step">
${drawChart(chart, frame)}
</svg>
`;
}
