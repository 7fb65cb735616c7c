import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Loss {
  /** Sentences that were translated. */
  readonly sentences: number;
  readonly beam: number;
  readonly bleu: { readonly before: number; readonly after: number };
  readonly signature: string;
}

/** What makes a model faster and may make it worse. */
export interface LossySpeedup {
  /** Key in the manifest's metrics. */
  readonly metric: string;
  /** Heading of its section in the model card. */
  readonly heading: string;
  /** What was done, as sentences. */
  readonly text: string;
  /** What the scores are of. */
  readonly labels: { readonly before: string; readonly after: string };
}

export const INT8: LossySpeedup = {
  metric: "int8",
  heading: "int8",
  text: `Matrices are stored as int8 with a scale a column, and the rows that meet them are rounded to int8 each by itself
(\`carousel quantize\`).`,
  labels: { before: "before", after: "int8" },
};

/** @param sizes of the lists: the common tokens, most others a source token, and the candidates of a sentence on average */
export function shortlistSpeedup(sizes: {
  common: number;
  best: number;
  mean: number;
  vocabulary: number;
}): LossySpeedup {
  const { common, best, mean, vocabulary } = sizes;
  return {
    metric: "shortlist",
    heading: "Shortlist",
    text: `A translation is made of the ${common} most frequent tokens and of those that the source's tokens become, at most ${best} each, by IBM
model 1 over the training pairs (\`carousel shortlist\`): ${mean.toFixed(0)} of ${vocabulary} tokens a sentence.`,
    labels: { before: "whole vocabulary", after: "shortlist" },
  };
}

/** Writes into a bundle's manifest and model card what a speedup took. @param of.name of the sentences */
export async function describeLoss(
  folder: string,
  { name, loss, speedup }: { name: string; loss: Loss; speedup: LossySpeedup },
): Promise<void> {
  const manifestFile = join(folder, "manifest.json");
  const manifest = JSON.parse(await readFile(manifestFile, "utf8"));
  manifest.metrics[speedup.metric] = loss;
  await writeFile(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
  const cardFile = join(folder, "README.md");
  const card = await readFile(cardFile, "utf8").catch(() => `# ${manifest.name}\n`);
  await writeFile(cardFile, `${withoutSection(card, speedup).trimEnd()}\n\n${section(name, loss, speedup)}`);
}

function section(name: string, { sentences, beam, bleu, signature }: Loss, speedup: LossySpeedup): string {
  const { heading, text, labels } = speedup;
  return `## ${heading}

${text} On the ${sentences} sentences of ${name}, beam ${beam}:

| | BLEU |
|---|---|
| ${labels.before} | ${bleu.before.toFixed(2)} |
| ${labels.after} | ${bleu.after.toFixed(2)} |
| lost | ${(bleu.before - bleu.after).toFixed(2)} |

${signature}
`;
}

/** The card without what was there of an earlier measurement, up to the next section. */
function withoutSection(card: string, { heading }: LossySpeedup): string {
  const at = card.indexOf(`\n## ${heading}\n`);
  if (at < 0) return card;
  const next = card.indexOf("\n## ", at + 1);
  return card.slice(0, at) + (next < 0 ? "" : card.slice(next));
}
