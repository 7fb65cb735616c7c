import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type BlobStore, checkKey, storeFailed } from "./blob-store.js";

/** A name that no listing shows: a write that has not ended, or that its process did not live to end. */
const UNFINISHED = ".tmp";

/** Values as files under a folder: written under another name, flushed to the disk, and renamed. */
export class FolderBlobStore implements BlobStore {
  private readonly root: string;

  constructor(folder: string) {
    this.root = resolve(folder);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    const path = this.path(key);
    const fresh = `${path}.${randomUUID()}${UNFINISHED}`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await written(fresh, value);
      await rename(fresh, path);
    } catch (error) {
      await rm(fresh, { force: true }).catch(() => {});
      storeFailed(`write ${key}`, error);
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return readFile(this.path(key)).catch(unlessAbsent(`read ${key}`));
  }

  async open(key: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const file = await open(this.path(key)).catch(unlessAbsent(`read ${key}`));
    return file?.createReadStream();
  }

  async has(key: string): Promise<boolean> {
    return (await stat(this.path(key)).catch(unlessAbsent(`read ${key}`)))?.isFile() ?? false;
  }

  async list(prefix: string): Promise<string[]> {
    const names = (await readdir(this.path(prefix)).catch(unlessAbsent(`list ${prefix}`))) ?? [];
    return names.filter((name) => !name.endsWith(UNFINISHED)).sort();
  }

  async deleteAll(prefix: string): Promise<void> {
    await rm(this.path(prefix), { recursive: true, force: true }).catch((error) =>
      storeFailed(`delete ${prefix}`, error),
    );
  }

  private path(key: string): string {
    return join(this.root, checkKey(key));
  }
}

async function written(path: string, value: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(value);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Absent is an answer; anything else must not be taken for it. */
function unlessAbsent(doing: string) {
  return (error: NodeJS.ErrnoException): undefined => {
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR") storeFailed(doing, error);
    return undefined;
  };
}
