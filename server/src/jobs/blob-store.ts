/** Where batch jobs keep what they hold. Keys are paths with `/`; a value is there whole or not at all. */
export interface BlobStore {
  /** Writes a value; an existing one is replaced. */
  put(key: string, value: Uint8Array): Promise<void>;
  /** undefined when there is no such value. */
  get(key: string): Promise<Uint8Array | undefined>;
  has(key: string): Promise<boolean>;
  /** Names directly under a prefix, sorted; empty when there are none. */
  list(prefix: string): Promise<string[]>;
  /** Removes everything under a prefix. */
  deleteAll(prefix: string): Promise<void>;
}
