import { randomUUID } from "node:crypto";
import { link, open, readdir, readFile, rm, unlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeFolder } from "@carousel/bundle/make-folder";
import { CarouselError } from "../errors.js";
import { type Glossary, type GlossaryStore, summaryOf } from "./glossary.js";

const SUFFIX = ".json";

/** Glossaries as files of a folder. */
export class FolderGlossaries implements GlossaryStore {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = resolve(folder);
  }

  /** Written under another name, flushed to the disk, and linked: of two that create at once one fails. */
  async create(glossary: Glossary): Promise<boolean> {
    const fresh = join(this.folder, `${randomUUID()}.tmp`);
    try {
      await makeFolder(this.folder);
      const file = await open(fresh, "wx");
      try {
        await file.writeFile(JSON.stringify(glossary));
        await file.sync();
      } finally {
        await file.close();
      }
      await link(fresh, this.path(glossary.name));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw unavailable("write", error);
    } finally {
      await rm(fresh, { force: true });
    }
  }

  async get(name: string): Promise<Glossary | undefined> {
    const text = await readFile(this.path(name), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw unavailable("read", error);
    });
    return text === undefined ? undefined : (JSON.parse(text) as Glossary);
  }

  async list() {
    const files = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw unavailable("read", error);
    });
    const names = files.filter((file) => file.endsWith(SUFFIX)).map((file) => file.slice(0, -SUFFIX.length));
    const glossaries = await Promise.all(names.sort().map((name) => this.get(name)));
    return glossaries.filter((glossary) => glossary !== undefined).map(summaryOf);
  }

  async delete(name: string): Promise<boolean> {
    return unlink(this.path(name)).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return false;
        throw unavailable("delete from", error);
      },
    );
  }

  async close(): Promise<void> {}

  private path(name: string): string {
    return join(this.folder, name + SUFFIX);
  }
}

function unavailable(what: string, error: unknown): CarouselError {
  return new CarouselError("UNAVAILABLE", `cannot ${what} the folder of glossaries: ${(error as Error).message}`);
}
