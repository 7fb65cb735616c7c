import { stringify } from "yaml";
import { type Markup, markup } from "./markup.js";
import type { RunFacts, Session } from "./run-facts.js";

/** The configuration, the data and the machine. */
export function setupSection(facts: RunFacts): Markup {
  const { recipe, vocabulary, outcome, sessions } = facts;
  const { machine } = sessions.at(-1)!;
  const pieces = vocabulary.source > 0 ? `${vocabulary.source} source, ${vocabulary.target} target` : vocabulary.target;
  return markup`<section id="setup">
<h2>Set-up</h2>
<div class="setup">
<dl class="facts">
${fact("data", facts.data)}
${fact("batches an epoch", facts.batchesPerEpoch)}
${fact("pieces", pieces)}
${fact("parameters", facts.parameters.toLocaleString("en"))}
${outcome?.description === undefined ? undefined : fact("final parameters", outcome.description)}
${fact("begun", begun(sessions))}
${fact("CPU", `${machine.cpu}, ${machine.cores} cores`)}
${fact("memory", `${(machine.memory / 2 ** 30).toFixed(1)} GiB`)}
${fact("threads", recipe.training.threads ?? "all cores")}
${fact("system", machine.system)}
${fact("Node.js", machine.node)}
${fact("ONNX Runtime", machine.onnxRuntime)}
</dl>
<figure class="recipe"><figcaption>Recipe</figcaption><pre>${stringify(recipe).trim()}</pre></figure>
</div>
</section>`;
}

function fact(name: string, value: string | number): Markup {
  return markup`<dt>${name}</dt><dd>${value}</dd>`;
}

function begun([first, ...resumed]: readonly Session[]): string {
  const times = resumed.length > 0 ? `; resumed ${resumed.map((s) => minute(s.begin)).join(", ")}` : "";
  return `${minute(first!.begin)}${times} (UTC)`;
}

/** 2015-09-01T12:34:56.789Z → 2015-09-01 12:34 */
function minute(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}
