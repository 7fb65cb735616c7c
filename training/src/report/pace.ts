import { median } from "../median.js";
import type { HistoryEntry } from "../trainer/history.js";

/** Target tokens a second: the median over the history's windows of steps, so that validations do not count. */
export function paceOf(history: readonly HistoryEntry[]): number {
  const rates: number[] = [];
  let [step, seconds] = [0, 0];
  for (const entry of history) {
    const isWindow = entry.kind === "train" && entry.step > step && entry.seconds > seconds;
    if (isWindow) rates.push(entry.targetTokens / (entry.seconds - seconds));
    [step, seconds] = [entry.step, entry.seconds];
  }
  return rates.length === 0 ? 0 : median(rates);
}
