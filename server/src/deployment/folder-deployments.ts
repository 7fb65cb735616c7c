import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { z } from "zod";
import { CarouselError } from "../errors.js";
import { type DeploymentStore, type Deployments, NOTHING_DECIDED } from "./deployments.js";

const weights = z.record(z.string(), z.number());
const written = z.object({
  revision: z.number(),
  models: z.record(
    z.string(),
    z.object({ weights, previous: weights.optional(), unloaded: z.array(z.string()), reloadedAt: z.number() }),
  ),
});

/** Decisions of a single process, kept in a file beside the bundles; in memory only where that cannot be written. */
export class FolderDeployments implements DeploymentStore {
  private changing: Promise<unknown> = Promise.resolve();

  private constructor(
    private known: Deployments,
    private readonly options: { readonly path: string; readonly log: Logger },
  ) {}

  /** @throws CarouselError FAILED_PRECONDITION naming the file when it is there and says no decisions */
  static async open({ folder, log }: { folder: string; log: Logger }): Promise<FolderDeployments> {
    const path = join(folder, "deployments.json");
    return new FolderDeployments(await decisionsIn(path), { path, log });
  }

  async read(): Promise<Deployments> {
    return this.known;
  }

  change(edit: (now: Deployments) => Deployments): Promise<Deployments> {
    const changed = this.changing.then(async () => {
      const next = edit(this.known);
      await this.write(next);
      this.known = next;
      return next;
    });
    this.changing = changed.catch(() => {});
    return changed;
  }

  async close(): Promise<void> {
    await this.changing;
  }

  private async write(next: Deployments): Promise<void> {
    const { path, log } = this.options;
    try {
      await writeFile(`${path}.tmp`, `${JSON.stringify(next, null, 2)}\n`, { flush: true });
      await rename(`${path}.tmp`, path);
    } catch (error) {
      log.warn(
        { err: error, path },
        "what was decided about models is kept in memory only: the file cannot be written",
      );
    }
  }
}

async function decisionsIn(path: string): Promise<Deployments> {
  try {
    return written.parse(JSON.parse(await readFile(path, "utf8"))) as Deployments;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return NOTHING_DECIDED;
    const why = error instanceof z.ZodError ? "it is no list of decisions" : (error as Error).message;
    throw new CarouselError(
      "FAILED_PRECONDITION",
      `what was decided about models cannot be read from ${path}: ${why}; without the file nothing is decided`,
    );
  }
}
