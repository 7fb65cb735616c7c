import { CELLS } from "../cells/index.js";
import type { Dropout } from "../layers/dropout.js";
import { embedding } from "../layers/embedding.js";
import { recurrentStack } from "../layers/recurrent.js";
import type { Weights } from "../layers/weights.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/** Embedding and recurrent layers over the source. Widths in units. */
export interface EncoderConfig {
  readonly sourceVocabulary: number;
  readonly embedding: number;
  readonly encoder: {
    readonly cell: string;
    readonly layers: number;
    readonly hidden: number;
    readonly bidirectional: boolean;
  };
}

export interface Encoded {
  /** [source, batch, memory] */
  readonly memory: Value;
  /** Last state of the top layer, [batch, …] each. */
  readonly states: readonly Value[];
}

/** Width of the memory: both directions side by side. */
export function memoryWidth({ encoder }: EncoderConfig): number {
  return encoder.hidden * (encoder.bidirectional ? 2 : 1);
}

/** source int64 [source, batch], mask bool [source, batch, 1] → memory and last states. */
export function encode(
  g: Graph,
  w: Weights,
  config: EncoderConfig,
  { source, mask, dropout }: { source: Value; mask: Value; dropout: Dropout },
): Encoded {
  const { encoder } = config;
  const table = embedding(w, { name: "source", vocabulary: config.sourceVocabulary, width: config.embedding });
  const embedded = dropout.apply(table.lookup(g, source), "source");
  const { outputs, states } = recurrentStack(g, embedded, {
    w,
    name: "encoder",
    cell: CELLS[encoder.cell]!,
    hidden: encoder.hidden,
    layers: encoder.layers,
    direction: encoder.bidirectional ? "bidirectional" : "forward",
    dropout,
    mask,
  });
  return { memory: dropout.apply(outputs, "memory"), states };
}
