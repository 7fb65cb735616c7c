import { type Line, lineFor } from "./line.js";
import type { ServedModel, WorkerState } from "./port.js";

/** What workers serve, each version once; those that more workers serve come first, of equals those that came first. */
export function servedModels(workers: readonly WorkerState[]): ServedModel[] {
  const found = new Map<Line, { model: ServedModel; count: number }>();
  for (const model of workers.flatMap(({ models }) => models)) {
    const line = lineFor(model);
    found.set(line, { model, count: (found.get(line)?.count ?? 0) + 1 });
  }
  return [...found.values()].sort((a, b) => b.count - a.count).map(({ model }) => model);
}
