import { CarouselError } from "../errors.js";

/** Where batch jobs keep what they hold. Keys are paths with `/`; a value is there whole or not at all. */
export interface BlobStore {
  /** Writes a value; an existing one is replaced. */
  put(key: string, value: Uint8Array): Promise<void>;
  /** Writes a value where there is none. false: there was one, and it is as it was. */
  putNew(key: string, value: Uint8Array): Promise<boolean>;
  /** As put, of a value in pieces that need not fit into memory; when they throw, nothing is written. */
  write(key: string, pieces: AsyncIterable<Uint8Array>): Promise<void>;
  /** undefined when there is no such value. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** A value in pieces, so that it need not fit into memory; undefined when there is no such value. */
  open(key: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  has(key: string): Promise<boolean>;
  /** Names directly under a prefix, sorted; empty when there are none. */
  list(prefix: string): Promise<string[]>;
  /** Removes the value of this name, and everything under it as a prefix. */
  deleteAll(prefix: string): Promise<void>;
}

/** @throws CarouselError INVALID_ARGUMENT when a key could lead out of the store */
export function checkKey(key: string): string {
  if (!key.split("/").some((part) => part === ".." || part === ".") && !key.startsWith("/")) return key;
  throw new CarouselError("INVALID_ARGUMENT", `${key} is not a key of the blob store`);
}

/** @throws CarouselError, always: that error itself, or UNAVAILABLE with the store's words */
export function storeFailed(doing: string, error: unknown): never {
  if (error instanceof CarouselError) throw error;
  throw new CarouselError("UNAVAILABLE", `the blob store cannot ${doing}: ${(error as Error).message}`);
}

/** What a store reads of a value, in the errors of this port. */
export async function* piecesOf(stream: AsyncIterable<Uint8Array>, key: string): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    storeFailed(`read ${key}`, error);
  }
}
