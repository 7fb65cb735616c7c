import type { Cell } from "./cell.js";
import { lstm } from "./lstm.js";

/** The cells a recipe may name. */
export const CELLS: Readonly<Record<string, Cell>> = { lstm };
