import type { Weights } from "../layers/weights.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { type Attended, Decoder, type RowView } from "./decoder.js";
import type { DecoderStep } from "./decoder-step.js";
import { encode, inferenceInput, memoryWidth, type Source } from "./encoder.js";
import type { Seq2SeqConfig } from "./seq2seq.js";

/**
 * source int64 [N, S], length int64 [N] → memory [N, S, M], the keys of the attention [N, S, H], and the decoder's first
 * states [N, …]. The keys are a memory of their own, so that no run of the decoder makes them again.
 */
export function encodeForInference(
  g: Graph,
  w: Weights,
  config: Seq2SeqConfig,
  inputs: Source,
): { memory: Value[]; states: Value[] } {
  const encoded = encode(g, w, config, inferenceInput(g, inputs));
  const decoder = new Decoder(w, config);
  const memory = g.transpose(encoded.memory, [1, 0, 2]);
  const keys = hasOwnKeys(config) ? [decoder.keys(g, memory)] : [];
  return { memory: [memory, ...keys], states: decoder.start(g, encoded.states) };
}

/** With dot attention the memory itself is what queries are compared with. */
function hasOwnKeys({ attention }: Seq2SeqConfig): boolean {
  return attention !== "dot";
}

interface Prepared {
  readonly attended: Attended;
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
export function seq2seqStep(w: Weights, config: Seq2SeqConfig, weightsAre: WeightsAre): DecoderStep<Prepared> {
  const decoder = new Decoder(w, config);
  const keys = { name: "keys", shape: ["N", "S", config.decoder.hidden] };
  const tableSize = config.targetVocabulary * decoder.inputWidth;
  const ahead = weightsAre === "stored" && tableSize <= LARGEST_TABLE;
  return {
    memory: [{ name: "memory", shape: ["N", "S", memoryWidth(config)] }, ...(hasOwnKeys(config) ? [keys] : [])],
    states: decoder.stateNames.map((name, k) => ({ name, shape: ["R", decoder.stateWidths[k]!] })),
    vocabulary: config.targetVocabulary,
    prepare(g, [memory, keys = memory], sourceLength) {
      const position = g.range(g.sizeOf(memory!, 1), "S"); // [S]
      const inside = g.cast(g.less(g.unsqueeze(position, 0), g.unsqueeze(sourceLength!, 1)), "float32"); // [N, S]
      const mask = g.mul(g.sub(g.unsqueeze(inside, 1), 1), 1e9);
      return {
        attended: decoder.attend(g, { memory: memory!, keys: keys!, mask }),
        projected: ahead ? decoder.projectVocabulary(g) : undefined,
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
        view: beamView(sentences, beam),
      });
      return { logits: decoder.logits(b, readout), states: next, attention: weights };
    },
  };
}

/** Rows of one sentence attend to its memory together, so that the memory is not repeated for each. */
function beamView(sentences: Value, beam: Value): RowView {
  return {
    toQueries: (g, rows) => g.reshapeTo(rows, [sentences, beam, rows.shape[1] as number], ["N", "B", rows.shape[1]!]),
    toRows: (g, queries) => g.reshape(queries, ["R", queries.shape[2]!]),
  };
}
