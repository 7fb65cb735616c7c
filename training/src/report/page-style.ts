import { CHART_STYLE, DARK, LIGHT } from "./chart-style.js";

export const PAGE_STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media(prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:74rem;padding:1.5rem 1.25rem 4rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{margin:0;font-size:1.7rem;line-height:1.2}
h2{margin:2.5rem 0 .5rem;font-size:1.15rem}
p{margin:0}
dl,dd,ol,figure{margin:0;padding:0}
.about{color:var(--faint)}
.state{margin-left:.5rem;padding:.1rem .6rem;border:1px solid var(--rule);border-radius:1rem;font-size:.85rem;white-space:nowrap}
.note{margin-bottom:.75rem;color:var(--faint);font-size:.9rem;max-width:52rem}
.tiles{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.25rem}
.tiles>div{flex:1 1 8.2rem;padding:.6rem .8rem;background:var(--card);border:1px solid var(--rule);border-radius:.5rem}
.tiles dt{color:var(--faint);font-size:.8rem}
.tiles dd{font-size:1.35rem;font-weight:600;font-variant-numeric:tabular-nums}
.tiles .more{color:var(--faint);font-size:.8rem;font-weight:400}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:1rem}
.chart{display:block;width:100%;height:auto;overflow:visible}
.sample{padding:.75rem 0;border-top:1px solid var(--rule)}
.sample b{color:var(--faint);font-weight:400;font-size:.85rem;font-variant-numeric:tabular-nums}
.sample p,.said li{display:grid;grid-template-columns:8.5rem 1fr;gap:.75rem;align-items:baseline;overflow-wrap:anywhere}
.sample span{white-space:pre-wrap}
.reference{font-weight:600}
.said{max-height:18rem;overflow-y:auto;margin-top:.25rem;list-style:none}
.said i{color:var(--faint)}
.said u{text-decoration-color:var(--quality);text-decoration-thickness:1.5px;text-underline-offset:.2em}
.heat-maps{display:flex;flex-wrap:wrap;gap:1.5rem 2.5rem;align-items:flex-start}
.heat-maps figure{width:min-content;min-width:min(15rem,100%);max-width:100%;overflow-x:auto}
.heat{display:block;font-size:12px}
.heat text{fill:var(--ink)}
.heat .mark{fill-opacity:.25}
.heat rect{fill:var(--heat)}
.heat rect:hover{stroke:var(--ink)}
figcaption{color:var(--faint);font-size:.85rem;max-width:32rem}
.setup{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(24rem,100%),1fr));gap:1.5rem}
.facts{display:grid;grid-template-columns:auto 1fr;gap:.3rem 1.25rem;align-content:start}
.facts dt{color:var(--faint)}
.facts dd{overflow-wrap:anywhere}
pre{margin:.25rem 0 0;padding:.9rem;background:var(--card);border:1px solid var(--rule);border-radius:.5rem;font:12.5px/1.45 ui-monospace,monospace;overflow-x:auto}
.pointer{stroke:var(--faint);stroke-width:.8;stroke-dasharray:3 3}
#tip{position:fixed;pointer-events:none;padding:.3rem .6rem;background:var(--card);border:1px solid var(--rule);border-radius:.4rem;font-size:.8rem;white-space:pre;font-variant-numeric:tabular-nums;box-shadow:0 2px 8px #0003}
@media print{.said{max-height:none}}
${CHART_STYLE}`;
