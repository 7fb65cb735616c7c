import type { Cell } from "./cell.js";
import { convLstmPeephole } from "./conv-lstm-peephole.js";
import { gru } from "./gru.js";
import { lstm } from "./lstm.js";
import { lstm1997 } from "./lstm-1997.js";
import { lstmCoupled } from "./lstm-coupled.js";
import { lstmPeephole } from "./lstm-peephole.js";
import { lstmPeepholeFull } from "./lstm-peephole-full.js";
import { rnn } from "./rnn.js";

/** Cells over plain vectors: a recipe may name them for encoder, decoder and language model. */
export const VECTOR_CELLS = {
  rnn,
  "lstm-1997": lstm1997,
  lstm,
  "lstm-peephole": lstmPeephole,
  "lstm-peephole-full": lstmPeepholeFull,
  "lstm-coupled": lstmCoupled,
  gru,
} as const satisfies Record<string, Cell>;

export type VectorCellName = keyof typeof VECTOR_CELLS;
export type CellName = VectorCellName | "conv-lstm-peephole";

/** The cells a recipe may name; the convolutional one for the encoder only, over characters. */
export const CELLS: Readonly<Record<CellName, Cell>> = { ...VECTOR_CELLS, "conv-lstm-peephole": convLstmPeephole(1) };
