import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { searchOptions } from "@carousel/server";
import { LocalModel } from "@carousel/server/local";

const fixtures = fileURLToPath(new URL("../../fixtures", import.meta.url));
export const modelsFolder = join(fixtures, "bundles");
export const MODEL = "v1-tiny-translation";
/** What every request of the load asks of the search. */
export const OPTIONS = { beamSize: 2, maxLength: 20 };

export interface Pair {
  readonly source: string;
  readonly translation: string;
}

/**
 * Sentences with the translations that the model gives when it is asked directly: no queue in Redis, no network. No two have
 * the same translation, so that an answer that belongs to another request is a wrong one.
 */
export async function readCorpus(): Promise<Pair[]> {
  const sentences = (await readFile(join(fixtures, "text", "sentences.ja"), "utf8")).trim().split("\n");
  const sources = [...sentences, ...sentences.map((s, k) => s + sentences[(k + 1) % sentences.length])];
  const model = await LocalModel.open(join(modelsFolder, MODEL), { intraOpThreads: 1 });
  const pairs = new Map<string, Pair>();
  let k = 0;
  for await (const { hypotheses } of model.translate(sources, searchOptions(OPTIONS))) {
    const translation = hypotheses[0]!.text;
    pairs.set(translation, { source: sources[k++]!, translation });
  }
  await model.close();
  return [...pairs.values()];
}
