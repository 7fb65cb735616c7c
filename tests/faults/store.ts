import { execFile, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { chmod, type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const SIZE = "64m";
const BLOCKS = [1 << 20, 4096];
/** What frees a block while the disk is to be full has it taken away again so soon. */
const REFILL_MS = 10;

/** The folder of batch jobs: where this user may mount one, a file system of its own, which can be full. */
export class Store {
  private isFull = false;
  private filling: Promise<void> = Promise.resolve();

  private constructor(
    readonly folder: string,
    readonly kind: "file system" | "folder",
  ) {
    process.once("exit", this.leave);
  }

  /** @param room small: one that can be filled. large: the disk's own */
  static async open(room: "small" | "large" = "small"): Promise<Store> {
    const folder = await mkdtemp(join(tmpdir(), "carousel-faults-"));
    if (room === "large") return new Store(folder, "folder");
    const mount = run("mount", ["-t", "tmpfs", "-o", `size=${SIZE}`, "carousel-faults", folder]);
    return new Store(
      folder,
      await mount.then(
        () => "file system" as const,
        () => "folder" as const,
      ),
    );
  }

  /** Leaves no free block on its file system, until `free`. @throws Error where it has none of its own */
  async fill(): Promise<void> {
    if (this.kind !== "file system") throw new Error("the folder of jobs has no file system of its own to fill");
    const ballast = await open(this.ballast, "a");
    await fillUp(ballast);
    this.isFull = true;
    this.filling = this.keepFull(ballast);
  }

  async free(): Promise<void> {
    this.isFull = false;
    await this.filling;
    await rm(this.ballast);
  }

  /** Nobody may look into the folder, until `permit`. */
  forbid(): Promise<void> {
    return chmod(this.folder, 0);
  }

  permit(): Promise<void> {
    return chmod(this.folder, 0o700);
  }

  async close(): Promise<void> {
    process.off("exit", this.leave);
    if (this.kind === "file system") await run("umount", ["--lazy", this.folder]);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Nothing stays mounted when the tests are broken off. */
  private readonly leave = () => {
    if (this.kind === "file system") spawnSync("umount", ["--lazy", this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  };

  private async keepFull(ballast: FileHandle): Promise<void> {
    while (this.isFull) {
      await fillUp(ballast);
      await sleep(REFILL_MS);
    }
    await ballast.close();
  }

  private get ballast(): string {
    return join(this.folder, "_ballast"); // jobs have no such names
  }
}

async function fillUp(file: FileHandle): Promise<void> {
  for (const size of BLOCKS) await appendWhileRoom(file, Buffer.alloc(size));
}

async function appendWhileRoom(file: FileHandle, block: Buffer): Promise<void> {
  for (;;) {
    try {
      const { bytesWritten } = await file.write(block);
      if (bytesWritten < block.length) return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOSPC") return;
      throw error;
    }
  }
}
