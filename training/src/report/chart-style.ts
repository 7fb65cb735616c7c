/** Colours of the report, light and dark: the tones of series, of what is written and of what is behind it. */
export const LIGHT =
  "--paper:#fff;--ink:#1f2328;--faint:#656d76;--rule:#d8dee4;--card:#f6f8fa;" +
  "--training:#8c96a3;--validation:#1f6feb;--quality:#1a7f37;--setting:#9a6700;--heat:#1f6feb";
export const DARK =
  "--paper:#0d1117;--ink:#e6edf3;--faint:#8d96a0;--rule:#30363d;--card:#161b22;" +
  "--training:#768390;--validation:#58a6ff;--quality:#3fb950;--setting:#d29922;--heat:#58a6ff";

/** Curves of a kind in one chart, told apart by their colours (Okabe & Ito 2008, for all kinds of colour vision). */
const ORDINALS = Object.entries({
  first: "#d55e00",
  second: "#009e73",
  third: "#0072b2",
  fourth: "#cc79a7",
  fifth: "#b8860b",
  sixth: "#56b4e9",
  baseline: "#656d76",
})
  .map(([tone, colour]) => `tspan.${tone}{fill:${colour}}.line.${tone}{stroke:${colour}}`)
  .join("\n");

/** What the classes of charts look like. */
export const CHART_STYLE = `
.chart-title{font-weight:600;font-size:13px;fill:var(--ink)}
.legend{font-size:11.5px}
.tick{font-size:11px;fill:var(--faint)}
.grid{stroke:var(--rule);stroke-width:.6}
.base{stroke:var(--faint);stroke-width:.8}
.line{fill:none;stroke-width:1.7;stroke-linejoin:round}
.line.training{stroke-width:1.3}
.marked{fill:var(--paper);stroke-width:2}
tspan.training,.dot.training{fill:var(--training)}
tspan.validation,.dot.validation{fill:var(--validation)}
tspan.quality,.dot.quality{fill:var(--quality)}
tspan.setting,.dot.setting{fill:var(--setting)}
.dot.marked{fill:var(--paper)}
.line.training,.marked.training{stroke:var(--training)}
.line.validation,.marked.validation{stroke:var(--validation)}
.line.quality,.marked.quality{stroke:var(--quality)}
.line.setting,.marked.setting{stroke:var(--setting)}
.line.baseline{stroke-dasharray:5 4}
${ORDINALS}
`;
