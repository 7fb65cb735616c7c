import { readJson, writeAtomically } from "../files.js";
import type { Recipe } from "../recipe/index.js";
import type { FinalScores } from "../trainer/final.js";
import type { StopReason } from "../trainer/fit.js";
import type { VocabularySizes } from "../trainer/from-recipe.js";
import { type Machine, thisMachine } from "./machine.js";

/** What is known of a run beside its course. */
export interface RunFacts {
  readonly recipe: Recipe;
  /** One line about the data. */
  readonly data: string;
  readonly batchesPerEpoch: number;
  readonly vocabulary: VocabularySizes;
  /** How many numbers are learned. */
  readonly parameters: number;
  /** One for the beginning, and one for every time that the training was resumed. */
  readonly sessions: readonly Session[];
  /** Absent while training goes on. */
  readonly outcome?: Outcome;
}

export interface Session {
  /** ISO 8601. */
  readonly begin: string;
  readonly machine: Machine;
}

export interface Outcome {
  readonly reason: StopReason;
  /** Of the final parameters; absent when interrupted. */
  readonly scores?: FinalScores;
  /** Where the final parameters come from. */
  readonly description?: string;
}

/** The facts of a session that begins now, after those that the file tells of. */
export async function beginSession(path: string, facts: Omit<RunFacts, "sessions" | "outcome">): Promise<RunFacts> {
  const before = await readJson<RunFacts>(path).then(
    ({ sessions }) => sessions,
    () => [],
  );
  return { ...facts, sessions: [...before, { begin: new Date().toISOString(), machine: thisMachine() }] };
}

export async function writeFacts(path: string, facts: RunFacts): Promise<void> {
  await writeAtomically(path, [Buffer.from(`${JSON.stringify(facts, null, 2)}\n`)]);
}
