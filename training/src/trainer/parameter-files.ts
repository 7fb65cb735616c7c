import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import type { RunFolder } from "./run-folder.js";

/** Flat parameters in a file of their own. */
export async function writeParameters(path: string, parameters: Float32Array): Promise<void> {
  await writeCheckpoint(path, { state: {}, arrays: { parameters } });
}

export async function readParameters(path: string): Promise<Float32Array> {
  return (await readCheckpoint(path)).arrays.parameters!;
}

/** Deletes the parameters of validations that are no longer among the best. */
export async function deleteParameters(
  folder: RunFolder,
  { keep }: { keep: (step: number) => boolean },
): Promise<void> {
  for (const name of await readdir(folder.best)) {
    const step = /^step-(\d+)\.bin$/.exec(name)?.[1];
    if (step !== undefined && !keep(Number(step))) await rm(join(folder.best, name));
  }
}

/** The mean of parameters over several files. */
export async function averageParameters(paths: readonly string[]): Promise<Float32Array> {
  const mean = (await readParameters(paths[0]!)).fill(0);
  for (const path of paths) {
    const parameters = await readParameters(path);
    for (let i = 0; i < mean.length; i++) mean[i] = mean[i]! + parameters[i]! / paths.length;
  }
  return mean;
}
