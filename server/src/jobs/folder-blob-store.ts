import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { CarouselError } from "../errors.js";
import type { BlobStore } from "./blob-store.js";

/** Values as files under a folder: written under another name, flushed to the disk, and renamed. */
export class FolderBlobStore implements BlobStore {
  private readonly root: string;

  constructor(folder: string) {
    this.root = resolve(folder);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    const path = this.path(key);
    const fresh = `${path}.${randomUUID()}.tmp`;
    await mkdir(dirname(path), { recursive: true });
    try {
      const file = await open(fresh, "wx");
      try {
        await file.writeFile(value);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, path);
    } catch (error) {
      await rm(fresh, { force: true });
      throw new CarouselError("UNAVAILABLE", `the blob store cannot write ${key}: ${(error as Error).message}`);
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return readFile(this.path(key)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw new CarouselError("UNAVAILABLE", `the blob store cannot read ${key}: ${error.message}`);
    });
  }

  async has(key: string): Promise<boolean> {
    return stat(this.path(key)).then(
      () => true,
      () => false,
    );
  }

  async list(prefix: string): Promise<string[]> {
    const names = await readdir(this.path(prefix)).catch(() => []);
    return names.filter((name) => !name.endsWith(".tmp")).sort();
  }

  async deleteAll(prefix: string): Promise<void> {
    await rm(this.path(prefix), { recursive: true, force: true });
  }

  private path(key: string): string {
    const path = join(this.root, key);
    if (path !== this.root && !path.startsWith(this.root + sep)) {
      throw new CarouselError("INVALID_ARGUMENT", `${key} is not a key of the blob store`);
    }
    return path;
  }
}
