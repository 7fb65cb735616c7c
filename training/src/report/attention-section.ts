import type { Recipe } from "../recipe/index.js";
import { isCtc } from "./accuracy-name.js";
import { heatMap } from "./heat-map.js";
import { type Markup, markup } from "./markup.js";
import type { SampleEntry } from "./sample-log.js";

const ATTENDED =
  "Each row is a piece of the translation and shows where in the source the model looked when it wrote it; the weights of a row sum to 1.";
const ALIGNED = "Each row is a piece of the translation and shows the piece of the source whose frames say it.";

/** Heat maps of the last samples; nothing for a model that says nothing of its source. */
export function attentionSection(entries: readonly SampleEntry[], recipe: Recipe): Markup | undefined {
  const last = entries.at(-1);
  const attended = last?.samples.filter((s) => s.alignment && s.alignment.weights.length > 0) ?? [];
  if (!last || attended.length === 0) return undefined;
  const when = last.kind === "final" ? "the final parameters" : `step ${last.step}`;
  return markup`<section id="attention">
<h2>${isCtc(recipe) ? "Alignment" : "Attention"}</h2>
<p class="note">${isCtc(recipe) ? ALIGNED : ATTENDED} Greedy translations by ${when}.</p>
<div class="heat-maps">
${attended.map(
  ({ source, text, alignment }) =>
    markup`<figure>${heatMap(alignment!)}<figcaption>${source} → ${text}</figcaption></figure>\n`,
)}</div>
</section>`;
}
