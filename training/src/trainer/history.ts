import { appendJsonLines, readJsonLines, writeJsonLines } from "../files.js";
import type { StepEvent, TrainingEvent, ValidationEvent } from "./events.js";

/** One line of history.jsonl: a validation, or the means of the training steps since the last such line. */
export type HistoryEntry = (Omit<StepEvent, "secondsLeft" | "kind"> & { readonly kind: "train" }) | ValidationEvent;

const STEPS_PER_ENTRY = 50;
/** Most is learned at the beginning: the first entries are closer together. */
const FIRST_ENTRIES = new Set([1, 2, 5, 10, 20]);

/** The course of a training in a file, one JSON document a line. */
export class History {
  private window: StepEvent[] = [];
  private pending: HistoryEntry[] = [];

  constructor(private readonly path: string) {}

  /** Forgets what came after a step: training will write it again. */
  async truncate(step: number): Promise<void> {
    this.window = this.window.filter((e) => e.step <= step);
    this.pending = this.pending.filter((e) => e.step <= step);
    await writeJsonLines(
      this.path,
      (await readHistory(this.path)).filter((e) => e.step <= step),
    );
  }

  record(event: TrainingEvent): void {
    if (event.kind === "validation") {
      this.closeWindow();
      this.pending.push(event);
    }
    if (event.kind !== "step") return;
    this.window.push(event);
    if (event.step % STEPS_PER_ENTRY === 0 || FIRST_ENTRIES.has(event.step)) this.closeWindow();
  }

  /** Before a checkpoint: whoever goes on from it has all steps up to it in the file. */
  async flush(): Promise<void> {
    this.closeWindow();
    const entries = this.pending;
    this.pending = [];
    await appendJsonLines(this.path, entries);
  }

  private closeWindow(): void {
    if (this.window.length === 0) return;
    const { secondsLeft: _, ...last } = this.window.at(-1)!;
    const tokens = this.window.reduce((sum, e) => sum + e.targetTokens, 0);
    const mean = (of: (e: StepEvent) => number) =>
      this.window.reduce((sum, e) => sum + of(e) * e.targetTokens, 0) / tokens;
    this.pending.push({
      ...last,
      kind: "train",
      loss: mean((e) => e.loss),
      perplexity: Math.exp(mean((e) => Math.log(e.perplexity))),
      ...(last.reward === undefined ? {} : { reward: mean((e) => e.reward!) }),
      gradientNorm: this.window.reduce((sum, e) => sum + e.gradientNorm, 0) / this.window.length,
      targetTokens: tokens,
    });
    this.window = [];
  }
}

/** All entries of a history file; none when there is no file. */
export async function readHistory(path: string): Promise<HistoryEntry[]> {
  return readJsonLines<HistoryEntry>(path);
}
