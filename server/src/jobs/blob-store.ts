import { CarouselError } from "../errors.js";

/** Where batch jobs keep what they hold. Keys are paths with `/`; a value is there whole or not at all. */
export interface BlobStore {
  /** Writes a value; an existing one is replaced. */
  put(key: string, value: Uint8Array): Promise<void>;
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

/** @throws CarouselError UNAVAILABLE, always */
export function storeFailed(doing: string, error: unknown): never {
  throw new CarouselError("UNAVAILABLE", `the blob store cannot ${doing}: ${(error as Error).message}`);
}
