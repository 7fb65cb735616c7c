import { CELLS, type CellName } from "../cells/index.js";
import { type Dropout, noDropout } from "../layers/dropout.js";
import { embedding } from "../layers/embedding.js";
import { fold, unfold } from "../layers/fold.js";
import { recurrentStack, type StackOptions } from "../layers/recurrent.js";
import type { Weights } from "../layers/weights.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/** Embedding and recurrent layers over the source. Widths in units. */
export interface EncoderConfig {
  readonly sourceVocabulary: number;
  readonly embedding: number;
  readonly encoder: {
    readonly cell: CellName;
    readonly layers: number;
    readonly hidden: number;
    readonly bidirectional: boolean;
    /** Tokens a row, for a cell over feature maps. */
    readonly rowLength?: number | undefined;
  };
}

const ROW_LENGTH = 16;

export interface Encoded {
  /** [source, batch, memory] */
  readonly memory: Value;
  /** Last state of the top layer, [batch, …] each. */
  readonly states: readonly Value[];
}

export interface EncoderInput {
  /** int64 [source, batch] */
  readonly source: Value;
  /** bool [source, batch, 1] */
  readonly mask: Value;
  /** int64 [batch], for inference: lets cells run as standard operators. */
  readonly lengths?: Value;
  readonly dropout: Dropout;
}

/** By what a recurrence is run: by an operator of the standard where its cell has one, or by a Scan of single steps. */
export type Recurrences = "operators" | "scans";

export interface Source {
  /** int64 [N, S] */
  readonly source: Value;
  /** int64 [N] */
  readonly length: Value;
  /** operators when absent. */
  readonly recurrences?: Recurrences | undefined;
}

/** What an encoder reads for inference. */
export function inferenceInput(g: Graph, { source, length, recurrences }: Source): EncoderInput {
  const position = g.unsqueeze(g.range(g.sizeOf(source, 1), "S"), 1); // [S, 1]
  const mask = g.unsqueeze(g.less(position, g.unsqueeze(length, 0)), 2); // [S, N, 1]
  const lengths = recurrences === "scans" ? {} : { lengths: length };
  return { source: g.transpose(source, [1, 0]), mask, ...lengths, dropout: noDropout };
}

/** Width of the memory: both directions side by side. */
export function memoryWidth({ encoder }: EncoderConfig): number {
  return encoder.hidden * (encoder.bidirectional ? 2 : 1);
}

/** Memory and last states of the source. */
export function encode(g: Graph, w: Weights, config: EncoderConfig, input: EncoderInput): Encoded {
  const { encoder } = config;
  const { source, mask, lengths, dropout } = input;
  const table = embedding(w, { name: "source", vocabulary: config.sourceVocabulary, width: config.embedding });
  const embedded = dropout.apply(table.lookup(g, source, dropout), "source", "input");
  const stack: StackOptions = {
    w,
    name: "encoder",
    cell: CELLS[encoder.cell],
    hidden: encoder.hidden,
    layers: encoder.layers,
    direction: encoder.bidirectional ? "bidirectional" : "forward",
    dropout,
    mask,
    ...(lengths ? { lengths } : {}),
  };
  const { outputs, states } = stack.cell.space
    ? overRows(g, embedded, { ...stack, rowLength: encoder.rowLength ?? ROW_LENGTH })
    : recurrentStack(g, embedded, stack);
  return { memory: dropout.apply(outputs, "memory"), states };
}

/** A convolutional stack reads row after row; each row of tokens is a map of one dimension. */
function overRows(g: Graph, x: Value, options: StackOptions & { rowLength: number }) {
  const folded = fold(g, { x, mask: options.mask!, rowLength: options.rowLength });
  const { outputs, states } = recurrentStack(g, folded.rows, {
    ...options,
    mask: folded.mask,
    dropout: options.dropout!.perSequence,
  });
  const flat = (s: Value) => g.reshape(s, [s.shape[0]!, (s.shape[1] as number) * (s.shape[2] as number)]);
  return { outputs: unfold(g, outputs, x), states: states.map(flat) };
}
