import { access, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "@carousel/bundle/make-folder";
import { readJson, writeAtomically } from "../files.js";
import { type Recipe, recipeSchema } from "../recipe/index.js";
import { TrainingError } from "./training-error.js";

/** Names of what a training run keeps in its folder. */
export class RunFolder {
  constructor(readonly path: string) {}

  get recipe(): string {
    return join(this.path, "recipe.json");
  }

  /** Names the process that trains here. */
  get lock(): string {
    return join(this.path, "lock");
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

  /** What the model said at each validation. */
  get samples(): string {
    return join(this.path, "samples.jsonl");
  }

  /** The model that the training started from, if it did from one. */
  get origin(): string {
    return join(this.path, "origin.json");
  }

  /** The words that it knew, if its bundle said so. */
  get originWords(): string {
    return join(this.path, "origin-words.bin");
  }

  /** Its shortlist, if it had one. */
  get originShortlist(): string {
    return join(this.path, "origin-shortlist.bin");
  }

  /** What the report tells beside the course of the training. */
  get facts(): string {
    return join(this.path, "run.json");
  }

  get report(): string {
    return join(this.path, "report");
  }

  get page(): string {
    return join(this.report, "index.html");
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

  /** What a new training writes anew. */
  get replaced(): string[] {
    const tokenizers = (["source", "target", "shared"] as const).map((side) => this.tokenizer(side));
    return [...tokenizers, this.history, this.samples, this.facts, this.origin, this.originWords, this.originShortlist];
  }

  async create(): Promise<void> {
    for (const folder of [this.path, this.best, this.report]) await makeFolder(folder);
  }
}

/** Makes the folder of a new training, or requires that there is one to go on with. @throws TrainingError */
export async function findRun(folder: RunFolder, start: "new" | "resume"): Promise<void> {
  const isRun = await exists(folder.recipe);
  if (start === "resume") {
    if (!isRun) throw new TrainingError(`there is no training to resume in ${folder.path}`);
    return;
  }
  for (const file of isRun ? [] : folder.replaced) {
    if (await exists(file)) throw new TrainingError(`${file} is of no training: choose another run folder`);
  }
  return folder.create();
}

/** Makes a folder ready for a new training, or checks that a recipe can go on with what is in it. @throws TrainingError */
export async function openRun(folder: RunFolder, run: { recipe: Recipe; start: "new" | "resume" }): Promise<void> {
  const { recipe, start } = run;
  const hasCheckpoint = await exists(folder.checkpoint);
  if (start === "resume") {
    if (!hasCheckpoint) {
      throw new TrainingError(`the training in ${folder.path} came to no checkpoint: begin it anew, without resuming`);
    }
    return checkSameRecipe(folder, recipe);
  }
  if (hasCheckpoint) {
    throw new TrainingError(`${folder.path} already holds a training: resume it, or choose another folder`);
  }
  // those of a run that ended before its first checkpoint may be of another recipe
  for (const file of folder.replaced) await rm(file, { force: true });
  await writeAtomically(folder.recipe, [Buffer.from(`${JSON.stringify(recipe, null, 2)}\n`)]);
}

/** Keys of a recipe that may change when a training is resumed. */
const MAY_CHANGE = new Set([
  "maxEpochs",
  "maxSteps",
  "maxMinutes",
  "patience",
  "threads",
  "folder",
  "from",
  "precision",
]);

async function checkSameRecipe(folder: RunFolder, recipe: Recipe): Promise<void> {
  const saved = await readJson(folder.recipe);
  const different = firstDifference(withDefaults(saved), JSON.parse(JSON.stringify(recipe)), []);
  if (different) {
    const { path, began, now } = different;
    throw new TrainingError(
      `the recipe's ${path.join(".")} is ${shown(now)}, the training in ${folder.path} began with ${shown(began)}`,
    );
  }
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

/** A saved recipe, with the keys that this version has and the one that saved it had not. */
function withDefaults(saved: unknown): unknown {
  const { data } = recipeSchema.safeParse(saved);
  return data ? JSON.parse(JSON.stringify(data)) : saved;
}

interface Difference {
  readonly path: readonly string[];
  readonly began: unknown;
  readonly now: unknown;
}

function firstDifference(began: unknown, now: unknown, path: readonly string[]): Difference | undefined {
  if (!isObject(began) || !isObject(now)) {
    return JSON.stringify(began) === JSON.stringify(now) ? undefined : { path, began, now };
  }
  for (const key of new Set([...Object.keys(began), ...Object.keys(now)])) {
    const found = MAY_CHANGE.has(key) ? undefined : firstDifference(began[key], now[key], [...path, key]);
    if (found) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
