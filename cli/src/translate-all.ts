import { type Device, searchOptions } from "@carousel/server";
import { LocalModel } from "@carousel/server/local";

export interface Translated {
  readonly hypotheses: readonly string[];
  readonly model: LocalModel["model"];
  /** Without the loading of the model. */
  readonly seconds: number;
}

export interface TranslateAllOptions {
  readonly sources: readonly string[];
  readonly search: Parameters<typeof searchOptions>[0];
  readonly device?: Device;
}

/** The best translation of every sentence by a bundle. */
export async function translateAll(
  folder: string,
  { sources, search, device = "cpu" }: TranslateAllOptions,
): Promise<Translated> {
  const local = await LocalModel.open(folder, { device });
  const hypotheses: string[] = [];
  const start = performance.now();
  for await (const {
    hypotheses: [best],
  } of local.translate(sources, searchOptions(search))) {
    hypotheses.push(best!.text);
  }
  const seconds = (performance.now() - start) / 1000;
  await local.close();
  return { hypotheses, model: local.model, seconds };
}
