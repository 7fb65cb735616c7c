import type { Linear } from "../layers/projection.js";
import type { Weights } from "../layers/weights.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { type Attended, Decoder, type RowView } from "./decoder.js";
import type { DecoderStep, RunSizes } from "./decoder-step.js";
import { encode, inferenceInput, memoryWidth, type Source } from "./encoder.js";
import type { Seq2SeqConfig } from "./seq2seq.js";

/**
 * source int64 [N, S], length int64 [N] → memory [N, S, M], the keys of the attention [N, S, H], and the decoder's first
 * states [N, …]. The keys are a memory of their own, so that no run of the decoder makes them again.
 *
 * In halves a GPU computes, and to read a source again takes it less time than the memory takes over the bus: the memory is
 * then the source itself, its ids as numbers [N, S, 1], and every run of the decoder encodes it.
 */
export function encodeForInference(
  g: Graph,
  w: Weights,
  config: Seq2SeqConfig,
  inputs: Source,
): { memory: Value[]; states: Value[] } {
  const encoded = encode(g, w, config, inferenceInput(g, inputs));
  const decoder = new Decoder(w, config);
  const states = decoder.start(g, encoded.states);
  if (readsAgain(decoder)) return { memory: [g.unsqueeze(g.cast(inputs.source, "float32"), 2)], states };
  const memory = g.transpose(encoded.memory, [1, 0, 2]);
  return { memory: hasOwnKeys(config) ? [memory, decoder.keys(g, memory)] : [memory], states };
}

/** With dot attention the memory itself is what queries are compared with. */
function hasOwnKeys({ attention }: Seq2SeqConfig): boolean {
  return attention !== "dot";
}

function readsAgain({ dtype }: Decoder): boolean {
  return dtype === "float16";
}

interface Prepared {
  readonly attended: Attended;
  /** Logits of the columns of this run. */
  readonly someLogits: Linear | undefined;
  /** [V, gates · hidden]: what the first layer makes of each token, where weights are stored. */
  readonly projected: Value | undefined;
}

/**
 * Whether the weights never change: what the first layer makes of every token is then computed once, when the graph is
 * loaded, and a step only looks it up.
 */
export type WeightsAre = "stored" | "fed";

/** Numbers of a table of projected tokens, beyond which it would take too much memory: 128 MiB. */
const LARGEST_TABLE = 2 ** 25;

/** One step of the decoder, for the search. */
export function seq2seqStep(
  w: Weights,
  config: Seq2SeqConfig,
  { weightsAre, shortlist }: { weightsAre: WeightsAre; shortlist?: "taken" | undefined },
): DecoderStep<Prepared> {
  const decoder = new Decoder(w, config);
  const kept = [
    { name: "memory", shape: ["N", "S", memoryWidth(config)] },
    ...(hasOwnKeys(config) ? [{ name: "keys", shape: ["N", "S", config.decoder.hidden] }] : []),
  ];
  const again = readsAgain(decoder);
  const tableSize = config.targetVocabulary * decoder.inputWidth;
  // the runtime folds what it can compute itself when it loads a graph: not halves
  const ahead = weightsAre === "stored" && tableSize <= LARGEST_TABLE && decoder.dtype === "float32";
  const apart = config.attention !== "additive";
  return {
    memory: again ? [{ name: "memory", shape: ["N", "S", 1] }] : kept,
    states: decoder.stateNames.map((name, k) => ({ name, shape: ["R", decoder.stateWidths[k]!] })),
    dtype: decoder.dtype,
    vocabulary: config.targetVocabulary,
    ...(shortlist ? { shortlist } : {}),
    prepare(g, given, sizes) {
      const { sourceLength } = sizes;
      const memory = again ? encodedAgain(g, w, config, { ids: given[0]!, length: sourceLength! }) : given[0]!;
      const keys = given[1] ?? decoder.keys(g, memory);
      const position = g.range(g.sizeOf(memory, 1), "S"); // [S]
      const inside = g.cast(g.less(g.unsqueeze(position, 0), g.unsqueeze(sourceLength!, 1)), "float32"); // [N, S]
      const mask = g.mul(g.sub(g.unsqueeze(inside, 1), 1), 1e9);
      const attended = { memory, keys, mask };
      return {
        attended: apart ? apartFor(g, attended, sizes) : decoder.attend(g, attended),
        projected: ahead ? decoder.projectVocabulary(g) : undefined,
        someLogits: sizes.columns && decoder.output.some(g, sizes.columns),
      };
    },
    step(b, { token, states, prepared, sentences, beam }) {
      const {
        states: next,
        readout,
        weights,
      } = decoder.step(b, {
        projected: prepared.projected
          ? b.gather(prepared.projected, token)
          : decoder.projectInput(b, decoder.embed(b, token)),
        states,
        attended: prepared.attended,
        view: apart ? rowView(sentences, beam) : beamView(sentences, beam),
      });
      const attention = apart ? b.squeeze(weights, 2) : weights; // [N, B, S]
      const { someLogits } = prepared;
      return {
        logits: (body) => body.cast(decoder.output.all(body, readout), "float32"),
        ...(someLogits ? { columnLogits: (body) => body.cast(someLogits(body, readout), "float32") } : {}),
        states: next,
        attention,
      };
    },
  };
}

/** ids [N, S, 1], numbers that are whole, length int64 [N] → memory [N, S, M]. */
function encodedAgain(
  g: Graph,
  w: Weights,
  config: Seq2SeqConfig,
  { ids, length }: { ids: Value; length: Value },
): Value {
  const source = g.cast(g.squeeze(ids, 2), "int64");
  return g.transpose(encode(g, w, config, inferenceInput(g, { source, length })).memory, [1, 0, 2]);
}

/** Rows of one sentence attend to its memory together, so that the memory is not repeated for each. */
function beamView(sentences: Value, beam: Value): RowView {
  return {
    rows: "together",
    toQueries: (g, rows) => g.reshapeTo(rows, [sentences, beam, rows.shape[1] as number], ["N", "B", rows.shape[1]!]),
    toRows: (g, queries) => g.reshape(queries, ["R", queries.shape[2]!]),
  };
}

/**
 * Each row attends by products of its own, [N, 1, S, H] with [N, B, H, 1] and [N, B, 1, S] with [N, 1, S, M]: the runtime sums in
 * another order when there are more rows, and the last bit of a sum, rounded to int8, is no longer the last.
 */
function rowView(sentences: Value, beam: Value): RowView {
  return {
    rows: "apart",
    toQueries(g, rows) {
      const width = rows.shape[1] as number;
      return g.reshapeTo(rows, [sentences, beam, width, 1], ["N", "B", width, 1]);
    },
    toRows: (g, queries) => g.reshape(queries, ["R", queries.shape[3]!]),
  };
}

/** What rows attend to apart; of a single sentence's memory a copy a slot, or the runtime would take its rows together again. */
function apartFor(g: Graph, { memory, keys, mask }: Attended, { sentences, beam }: RunSizes): Attended {
  const copies = g.where(g.equal(sentences, 1), beam, g.int(1));
  const sizes = g.sizes([sentences, copies, g.sizeOf(memory, 1), g.sizeOf(memory, 2)]);
  return {
    memory: g.expand(g.unsqueeze(memory, 1), sizes, ["N", 1, memory.shape[1]!, memory.shape[2]!]),
    keys: g.unsqueeze(keys, 1),
    mask: g.unsqueeze(mask, 1),
  };
}
