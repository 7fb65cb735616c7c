import type { BuiltCell, Cell } from "../cells/cell.js";
import { CELLS } from "../cells/index.js";
import { type Attention, attention } from "../layers/attention.js";
import { type Dropout, noDropout } from "../layers/dropout.js";
import { embedding } from "../layers/embedding.js";
import { glorot, uniformFanIn, zeros } from "../layers/initializers.js";
import { type OutputProjection, outputProjection } from "../layers/projection.js";
import type { Weights } from "../layers/weights.js";
import type { Graph } from "../onnx/graph.js";
import type { DType, Value } from "../onnx/value.js";
import { memoryWidth } from "./encoder.js";
import type { Seq2SeqConfig } from "./seq2seq.js";

/** What the decoder attends to; the same at every step. */
export interface Attended {
  /** [batch, source, memory] */
  readonly memory: Value;
  /** [batch, source, hidden], until they are laid out or split up for rows apart. */
  readonly keys: Value;
  /** float32 [batch, 1, source]: 0, or −1e9 at padding. */
  readonly mask: Value;
}

/** How rows [rows, width] stand to sentences: as queries [batch, n, width], and back. */
export interface RowView {
  /** Whether each row attends by a product of its own. */
  readonly rows: "together" | "apart";
  toQueries(g: Graph, rows: Value): Value;
  toRows(g: Graph, queries: Value): Value;
}

/** One row a sentence, as in training. */
export const oneRowEach: RowView = {
  rows: "together",
  toQueries: (g, rows) => g.unsqueeze(rows, 1),
  toRows: (g, queries) => g.squeeze(queries, 1),
};

/** Dropout masks between the layers of one step; none for inference. */
export type StepDropout = (g: Graph, x: Value, layer: number) => Value;

/**
 * The attentional decoder of Luong, Pham & Manning 2015: the recurrent layers make a query, the query attends to the
 * memory, and readout = tanh(Wc [context; query]) predicts the token. With input feeding the last readout is part of the
 * next step's input.
 */
export class Decoder {
  readonly stateNames: readonly string[];
  readonly stateWidths: readonly number[];
  /** What memory and states are computed in: the type of the weights. */
  readonly dtype: DType;
  /** Readouts [..., readout] → logits. */
  readonly output: OutputProjection;
  /** Width of what the first layer makes of its input: gates · hidden. */
  readonly inputWidth: number;
  private readonly table;
  private readonly layers: readonly BuiltCell[];
  private readonly cell: Cell;
  private readonly attention: Attention;
  private readonly feed: Value | undefined;
  private readonly combine: Value;

  constructor(
    private readonly w: Weights,
    config: Seq2SeqConfig,
    private readonly dropout: Dropout = noDropout,
  ) {
    const { decoder, embedding: width, targetVocabulary: vocabulary } = config;
    const { hidden } = decoder;
    const memory = memoryWidth(config);
    const readout = config.tieEmbeddings ? width : hidden;
    this.cell = CELLS[decoder.cell];
    this.inputWidth = this.cell.gates * hidden;
    this.table = embedding(w, { name: "target", vocabulary, width });
    const recurrent = dropout.weights(w);
    this.layers = Array.from({ length: decoder.layers }, (_, k) =>
      this.cell.build(recurrent, { name: `decoder.${k}`, input: k === 0 ? width : hidden, hidden }),
    );
    this.feed = config.inputFeeding
      ? w.get("decoder.feed", [readout, this.inputWidth], uniformFanIn(hidden))
      : undefined;
    this.attention = attention(w, { kind: config.attention, name: "attention", query: hidden, memory });
    this.combine = w.get("readout.W", [memory + hidden, readout], glorot);
    this.dtype = this.combine.dtype;
    const tied = config.tieEmbeddings ? this.table.table : undefined;
    this.output = outputProjection(w, { name: "output", input: readout, vocabulary, ...(tied ? { tied } : {}) });
    const layered = this.layers.flatMap((_, k) => this.cell.states.map((s) => `state.${k}.${s}`));
    this.stateNames = this.feed ? [...layered, "state.readout"] : layered;
    this.stateWidths = this.stateNames.map((n) => (n === "state.readout" ? readout : hidden));
  }

  /** First states from the encoder's last: tanh of a linear map for each; the first readout is zero. */
  start(g: Graph, encoded: readonly Value[]): Value[] {
    const all = g.concat(encoded, -1);
    const input = all.shape[1] as number;
    return this.stateNames.map((name, k) => {
      const width = this.stateWidths[k]!;
      if (name === "state.readout") return g.zeros([g.sizeOf(all, 0), width], [all.shape[0]!, width]);
      const W = this.w.get(`bridge.${name}.W`, [input, width], glorot);
      const b = this.w.get(`bridge.${name}.b`, [width], zeros);
      return g.tanh(g.add(g.matmul(all, W), b));
    });
  }

  /** memory [batch, source, M] → keys [batch, source, hidden]. */
  keys(g: Graph, memory: Value): Value {
    return this.attention.keys(g, memory);
  }

  attend(g: Graph, { memory, keys, mask }: Attended): Attended {
    return { memory, keys: this.attention.laidOut(g, keys), mask };
  }

  /** ids [...] → vectors [..., embedding]. */
  embed(g: Graph, ids: Value): Value {
    return this.table.lookup(g, ids, this.dropout);
  }

  /** What the first layer makes of the embedded tokens, all steps at once: [..., gates · hidden]. */
  projectInput(g: Graph, embedded: Value): Value {
    return this.layers[0]!.project(g, embedded);
  }

  /** `projectInput` of the embedding of every token: [V, gates · hidden]. */
  projectVocabulary(g: Graph): Value {
    return this.projectInput(g, this.table.table);
  }

  /** One step. projected [rows, gates · hidden] → next states, readout [rows, readout], weights [batch, n, source]. */
  step(
    g: Graph,
    {
      projected,
      states,
      attended,
      view,
      dropout,
    }: {
      projected: Value;
      states: readonly Value[];
      attended: Attended;
      view: RowView;
      dropout?: StepDropout;
    },
  ): { states: Value[]; readout: Value; weights: Value } {
    const per = this.cell.states.length;
    const next: Value[] = [];
    let query = projected;
    this.layers.forEach((layer, k) => {
      const own = states.slice(k * per, (k + 1) * per);
      const input = k === 0 ? this.withFeed(g, projected, states) : layer.project(g, dropout?.(g, query, k) ?? query);
      const stepped = layer.step(g, input, own);
      query = stepped[0]!;
      next.push(...stepped);
    });
    const compare = view.rows === "apart" ? this.attention.weightsApart! : this.attention.weights;
    const weights = compare(g, view.toQueries(g, query), attended.keys, attended.mask);
    const context = view.toRows(g, g.matmul(g.cast(weights, attended.memory.dtype), attended.memory));
    const readout = g.tanh(g.matmul(g.concat([context, query], -1), this.combine));
    return { states: this.feed ? [...next, readout] : next, readout, weights };
  }

  private withFeed(g: Graph, projected: Value, states: readonly Value[]): Value {
    return this.feed ? g.add(projected, g.matmul(states.at(-1)!, this.feed)) : projected;
  }
}
