import type { Recipe } from "../recipe/index.js";
import type { ValidationEvent } from "../trainer/events.js";
import type { FinalScores } from "../trainer/final.js";
import { duration } from "../trainer/progress-line.js";
import { accuracyName } from "./accuracy-name.js";
import { languageName } from "./language.js";
import { type Markup, markup } from "./markup.js";
import { paceOf } from "./pace.js";
import type { ReportData } from "./page.js";
import type { Outcome } from "./run-facts.js";

/** Name, task and state of a training, and its numbers in large; scores are of the validation data. */
export function header({ facts, history }: ReportData): Markup {
  const { recipe, outcome } = facts;
  const last = history.at(-1);
  return markup`<header>
<h1>${recipe.name}</h1>
<p class="about">${about(recipe)} <span class="state">${stateOf(outcome)}</span></p>
<dl class="tiles">
${scoreTiles(
  recipe,
  outcome?.scores ?? history.findLast((e): e is ValidationEvent => e.kind === "validation" && e.isBest),
)}
${tile("steps", whole(last?.step ?? 0), `epoch ${last?.epoch ?? 1}`)}
${tile("parameters", whole(facts.parameters))}
${tile("target tokens/s", whole(paceOf(history)))}
${tile("training time", duration(last?.seconds ?? 0))}
</dl>
</header>`;
}

function scoreTiles(recipe: Recipe, scores: FinalScores | undefined): Markup | undefined {
  if (!scores) return undefined;
  return markup`${scores.bleu === undefined ? undefined : tile("BLEU", scores.bleu.toFixed(2), "greedy")}
${tile("perplexity", fourDigits(scores.perplexity), `${scores.loss.toFixed(4)} nats`)}
${tile(accuracyName(recipe), `${(100 * scores.accuracy).toFixed(1)} %`)}`;
}

function tile(name: string, value: string, more?: string): Markup {
  return markup`<div><dt>${name}</dt><dd>${value}</dd>${more === undefined ? undefined : markup`<dd class="more">${more}</dd>`}</div>\n`;
}

function about(recipe: Recipe): string {
  return recipe.task === "translation"
    ? `translation, ${languageName(recipe.data.source.language)} → ${languageName(recipe.data.target.language)}`
    : `${recipe.task}, ${languageName(recipe.data.language)}`;
}

function stateOf(outcome: Outcome | undefined): string {
  if (!outcome) return "in training";
  const reasons = {
    limit: "finished: limit of the recipe reached",
    patience: "finished: validation no longer got better",
    interrupted: "interrupted; it can be resumed",
  };
  return reasons[outcome.reason];
}

function fourDigits(value: number): string {
  return value < 9999.5 ? value.toPrecision(4) : whole(value);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
