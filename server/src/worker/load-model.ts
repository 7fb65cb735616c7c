import { BundleError, readBundle } from "@carousel/bundle";
import type { LoadedModel } from "./running-batch.js";
import { OnnxSession, type SessionOptions } from "./runtime.js";

export type LoadOptions = SessionOptions;

export interface OnnxModel extends LoadedModel {
  readonly encoder?: OnnxSession;
  readonly decoder: OnnxSession;
}

/** Opens the graphs of a bundle. It takes this thread's time. @throws BundleError naming the graph that does not load */
export async function loadModel(folder: string, options: LoadOptions): Promise<OnnxModel> {
  const bundle = await readBundle(folder);
  const open = async (file: string) => {
    try {
      return await OnnxSession.create(bundle.path(file), options);
    } catch (error) {
      throw new BundleError(`${folder}: ${file} cannot be loaded: ${oneLine(error)}`);
    }
  };
  const { manifest } = bundle;
  const decoder = await open(manifest.graphs.decoder);
  if (manifest.task === "generation") return { manifest, decoder };
  const encoder = await open(manifest.graphs.encoder);
  if (!manifest.shortlist) return { manifest, decoder, encoder };
  return { manifest, decoder, encoder, shortlisted: takesShortlist(encoder) ? "encoder" : "decoder" };
}

export function takesShortlist({ inputs }: Pick<OnnxSession, "inputs">): boolean {
  return inputs.some(({ name }) => name === "places");
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").trim();
}
