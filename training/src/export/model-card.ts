import type { NewManifest } from "@carousel/bundle";
import { stringify } from "yaml";
import type { Recipe } from "../recipe/index.js";
import { accuracyName } from "../report/accuracy-name.js";
import type { Evaluation } from "../trainer/evaluation.js";
import type { FinalScores } from "../trainer/final.js";
import type { Origin } from "../trainer/origin.js";

/** The first form of a model card: what training knows. Its author adds where the data come from and what the limits are. */
export function modelCard(options: {
  recipe: Recipe;
  scores: FinalScores;
  parity: number;
  manifest: NewManifest;
  /** Of a fine-tuned model. */
  origin?: Origin | undefined;
}): string {
  const { recipe, scores, parity, manifest, origin } = options;
  const start = origin ? `, from the model ${origin.name}, version ${origin.version}` : "";
  const { test } = scores;
  const bleu = scores.bleu === undefined ? "" : `| BLEU, greedy | ${scores.bleu.toFixed(2)} |\n`;
  return `# ${recipe.name}

A ${recipe.task} model, trained by \`carousel train\` with the recipe below${start}; ${manifest.architecture.parameters} parameters,
stored as ${recipe.export.precision}.

${measuresOf("validation", { ...scores, recipe })}${bleu}${test ? `\n${measuresOf("test", { ...test, recipe })}` : ""}
Exported and training graphs agree on validation sentences to ${parity.toExponential(1)} nats a token.

## Recipe

\`\`\`yaml
${stringify(recipe).trim()}
\`\`\`
`;
}

function measuresOf(
  split: string,
  { loss, perplexity, accuracy, recipe }: Evaluation & { readonly recipe: Recipe },
): string {
  return `| on the ${split} split | |
|---|---|
| cross-entropy, nats a token | ${loss.toFixed(4)} |
| perplexity | ${perplexity.toFixed(3)} |
| ${accuracyName(recipe)} | ${(100 * accuracy).toFixed(1)} % |
`;
}
