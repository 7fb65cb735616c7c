import { createHash } from "node:crypto";
import type { Lexicon, Manifest, WordFilter } from "@carousel/bundle";
import type { ServedModel } from "../queue/port.js";

/** Text to ids and back; @carousel/tokenizer's Tokenizer is one. */
export interface TextCodec {
  /** Ids without bos and eos. */
  encode(text: string): number[];
  decode(ids: readonly number[]): string;
  piece(id: number): string;
  /** Gives the text that each further token adds; pieces joined are the decoded text. */
  streamDecoder(): { push(id: number): string; end(): string };
}

/** What the engine needs of a model besides its graphs. */
export interface ServingModel {
  readonly manifest: Manifest;
  /** Absent in a generation model. */
  readonly source?: TextCodec;
  readonly target: TextCodec;
  /** What a shortlist says; absent where the decoder takes none. */
  readonly lexicon?: Lexicon;
  /** That were seen in training; absent where the bundle does not say. */
  readonly words?: WordFilter;
}

export function servedModel({ manifest, words }: ServingModel): ServedModel {
  const translation = manifest.task === "translation";
  return {
    name: manifest.name,
    version: manifest.version,
    task: manifest.task,
    ...(translation ? { sourceLanguage: manifest.languages.source } : {}),
    targetLanguage: manifest.languages.target,
    sourceLimit: translation ? manifest.limits.source : manifest.limits.target,
    targetLimit: manifest.limits.target,
    manifestHash: createHash("sha256").update(JSON.stringify(manifest)).digest("hex").slice(0, 16),
    ...(words ? { hasWords: true } : {}),
  };
}
