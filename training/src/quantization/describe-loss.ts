import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Loss {
  /** Sentences that were translated. */
  readonly sentences: number;
  readonly beam: number;
  readonly bleu: { readonly before: number; readonly after: number };
  readonly signature: string;
}

/** Writes into a quantized bundle, its manifest and its model card, what the quantization took. */
export async function describeLoss(folder: string, { name, loss }: { name: string; loss: Loss }): Promise<void> {
  const manifestFile = join(folder, "manifest.json");
  const manifest = JSON.parse(await readFile(manifestFile, "utf8"));
  manifest.metrics.int8 = loss;
  await writeFile(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
  const cardFile = join(folder, "README.md");
  const card = await readFile(cardFile, "utf8").catch(() => `# ${manifest.name}\n`);
  await writeFile(cardFile, `${withoutSection(card).trimEnd()}\n\n${section(name, loss)}`);
}

const HEADING = "## int8";

function section(name: string, { sentences, beam, bleu: { before, after }, signature }: Loss): string {
  const lost = before - after;
  return `${HEADING}

Matrices are stored as int8 with a scale a column, and the rows that meet them are rounded to int8 each by itself
(\`carousel quantize\`). On the ${sentences} sentences of ${name}, beam ${beam}:

| | BLEU |
|---|---|
| before | ${before.toFixed(2)} |
| int8 | ${after.toFixed(2)} |
| lost | ${lost.toFixed(2)} |

${signature}
`;
}

function withoutSection(card: string): string {
  const at = card.indexOf(`\n${HEADING}\n`);
  return at < 0 ? card : card.slice(0, at);
}
