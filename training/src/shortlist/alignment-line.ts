import type { ProgressOutput } from "../trainer/progress-line.js";
import type { AlignmentProgress } from "./ibm-model-1.js";

const ERASE_LINE = "\r\x1b[K";

/** Shows how far the learning of an alignment is: over the same line on a terminal, else a line an iteration. */
export function alignmentLine(output: ProgressOutput): (progress: AlignmentProgress) => void {
  return ({ iteration, iterations, pairs, total }) => {
    const line = `aligning: iteration ${iteration} of ${iterations}, ${pairs} of ${total} pairs`;
    const over = iteration === iterations && pairs === total;
    if (output.isTTY) output.write(`${ERASE_LINE}${over ? `aligned ${total} pairs\n` : line}`);
    else if (pairs === 0 || over) output.write(`${over ? `aligned ${total} pairs` : line}\n`);
  };
}
