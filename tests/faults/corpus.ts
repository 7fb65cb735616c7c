import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { searchOptions } from "@carousel/server";
import { LocalModel } from "@carousel/server/local";

const fixtures = fileURLToPath(new URL("../../fixtures", import.meta.url));
const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** A model, and what every request of the load asks of its search. */
export interface Served {
  /** The folder of models, and the name of one of them. */
  readonly folder: string;
  readonly model: string;
  readonly options: { readonly beamSize: number; readonly maxLength: number };
}

/** So small that what is tried is the path, not the arithmetic. */
export const TINY: Served = {
  folder: join(fixtures, "bundles"),
  model: "v1-tiny-translation",
  options: { beamSize: 2, maxLength: 20 },
};
/** One that ships. */
export const SHIPPED: Served = {
  folder: join(repository, "models"),
  model: "tatoeba-ja-en",
  options: { beamSize: 5, maxLength: 60 },
};

export interface Pair {
  readonly source: string;
  readonly translation: string;
}

/**
 * Sentences with the translations that the model gives when it is asked directly: no queue in Redis, no network. No two have
 * the same translation, so that an answer that belongs to another request is a wrong one.
 */
export async function readCorpus({ folder, model: name, options }: Served = TINY): Promise<Pair[]> {
  const sentences = (await readFile(join(fixtures, "text", "sentences.ja"), "utf8")).trim().split("\n");
  const sources = [...sentences, ...sentences.map((s, k) => s + sentences[(k + 1) % sentences.length])];
  const model = await LocalModel.open(join(folder, name), { intraOpThreads: 1 });
  const pairs = new Map<string, Pair>();
  let k = 0;
  for await (const { hypotheses } of model.translate(sources, searchOptions(options))) {
    const translation = hypotheses[0]!.text;
    pairs.set(translation, { source: sources[k++]!, translation });
  }
  await model.close();
  return [...pairs.values()];
}
