import { mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";

/** Names of what a training run keeps in its folder. */
export class RunFolder {
  constructor(readonly path: string) {}

  get recipe(): string {
    return join(this.path, "recipe.json");
  }

  get checkpoint(): string {
    return join(this.path, "checkpoint.bin");
  }

  get history(): string {
    return join(this.path, "history.jsonl");
  }

  get best(): string {
    return join(this.path, "best");
  }

  get report(): string {
    return join(this.path, "report");
  }

  get curve(): string {
    return join(this.report, "curve.svg");
  }

  /** A SentencePiece model learned from the training text. */
  tokenizer(side: "source" | "target" | "shared"): string {
    return join(this.path, side === "shared" ? "tokenizer.model" : `${side}.model`);
  }

  /** The parameters at a validation. */
  bestParameters(step: number): string {
    return join(this.best, `step-${step}.bin`);
  }

  async create(): Promise<void> {
    for (const folder of [this.path, this.best, this.report]) await mkdir(folder, { recursive: true });
  }
}

/** Writes a file so that a reader sees all of it or what was there before, also after a crash. */
export async function writeAtomically(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, "w");
  try {
    for (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}
