import type { HistoryEntry } from "../trainer/history.js";

/** Target tokens a second of all training steps together; validations do not count. */
export function paceOf(history: readonly HistoryEntry[]): number {
  let [tokens, seconds, before] = [0, 0, 0];
  for (const entry of history) {
    if (entry.kind === "train") {
      tokens += entry.targetTokens;
      seconds += entry.seconds - before;
    }
    before = entry.seconds;
  }
  return seconds === 0 ? 0 : tokens / seconds;
}
