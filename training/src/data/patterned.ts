import { pairPattern } from "../recipe/pair-pattern.js";
import { DataError } from "./data-error.js";
import type { ParallelText } from "./parallel.js";
import { readLines } from "./text.js";

const SHOWN = 60;

/** Reads one file whose every line holds a sentence and its translation. Throws DataError naming a line that does not. */
export async function readPatterned(path: string, pattern: string): Promise<ParallelText> {
  const expression = pairPattern(pattern);
  const pairs = (await readLines(path)).map((line, i) => {
    const match = expression.exec(line);
    if (!match) throw new DataError(`${path}, line ${i + 1} does not match data.pattern ${pattern}: ${shown(line)}`);
    const [, first, second] = match;
    const { source = first, target = second } = match.groups ?? {};
    return { source: source ?? "", target: target ?? "" };
  });
  if (pairs.length === 0) throw new DataError(`${path} is empty`);
  return { source: pairs.map((p) => p.source), target: pairs.map((p) => p.target) };
}

function shown(line: string): string {
  return JSON.stringify(line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line);
}
