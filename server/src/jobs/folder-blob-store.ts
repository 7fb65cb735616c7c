import { randomUUID } from "node:crypto";
import { link, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { makeFolder } from "@carousel/bundle/make-folder";
import { type BlobStore, checkKey, piecesOf, storeFailed } from "./blob-store.js";

/** A name that no listing shows: a write that has not ended, or that its process did not live to end. */
const UNFINISHED = ".tmp";

/** Values as files under a folder: written under another name, flushed to the disk, and renamed. */
export class FolderBlobStore implements BlobStore {
  private readonly root: string;

  constructor(folder: string) {
    this.root = resolve(folder);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    await this.place(key, [value], rename);
  }

  async putNew(key: string, value: Uint8Array): Promise<boolean> {
    let isNew = true;
    await this.place(key, [value], async (fresh, path) => {
      isNew = await link(fresh, path).then(
        () => true,
        (error) => (error.code === "EEXIST" ? false : Promise.reject(error)),
      );
      await rm(fresh);
    });
    return isNew;
  }

  async write(key: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    await this.place(key, pieces, rename);
  }

  /** Flushed to the disk under another name, then given its own, which is flushed too. */
  private async place(
    key: string,
    pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    name: (fresh: string, path: string) => Promise<void>,
  ): Promise<void> {
    const path = this.path(key);
    const fresh = `${path}.${randomUUID()}${UNFINISHED}`;
    try {
      const made = await makeFolder(dirname(path));
      await written(fresh, pieces);
      await name(fresh, path);
      await syncFolders(dirname(path), made ? dirname(made) : dirname(path));
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
    return file && piecesOf(file.createReadStream(), key);
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

async function written(path: string, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx");
  try {
    for await (const piece of pieces) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Flushes the names in a folder, and in those above it up to one. */
async function syncFolders(folder: string, last: string): Promise<void> {
  for (let at = folder; ; at = dirname(at)) {
    const names = await open(at);
    await names.sync().finally(() => names.close());
    if (at === last) return;
  }
}

/** Absent is an answer; anything else must not be taken for it. */
function unlessAbsent(doing: string) {
  return (error: NodeJS.ErrnoException): undefined => {
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR") storeFailed(doing, error);
    return undefined;
  };
}
