import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { type DeploymentStore, type Deployments, NOTHING_DECIDED } from "./deployments.js";

/** Decisions of a single process, kept in a file beside the bundles; in memory only where that cannot be written. */
export class FolderDeployments implements DeploymentStore {
  private changing: Promise<unknown> = Promise.resolve();

  private constructor(
    private known: Deployments,
    private readonly options: { readonly path: string; readonly log: Logger },
  ) {}

  /** @throws Error when the file is there and is not JSON */
  static async open({ folder, log }: { folder: string; log: Logger }): Promise<FolderDeployments> {
    const path = join(folder, "deployments.json");
    const text = await readFile(path, "utf8").catch(() => undefined);
    return new FolderDeployments(text === undefined ? NOTHING_DECIDED : JSON.parse(text), { path, log });
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
      await writeFile(`${path}.tmp`, `${JSON.stringify(next, null, 2)}\n`);
      await rename(`${path}.tmp`, path);
    } catch (error) {
      log.warn(
        { err: error, path },
        "what was decided about models is kept in memory only: the file cannot be written",
      );
    }
  }
}
