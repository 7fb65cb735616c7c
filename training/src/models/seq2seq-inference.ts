import type { Weights } from "../layers/weights.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { type Attended, Decoder, type RowView } from "./decoder.js";
import type { DecoderStep } from "./decoder-step.js";
import { encode, inferenceInput, memoryWidth } from "./encoder.js";
import type { Seq2SeqConfig } from "./seq2seq.js";

/** source int64 [N, S], length int64 [N] → memory [N, S, M] and the decoder's first states [N, …]. */
export function encodeForInference(
  g: Graph,
  w: Weights,
  config: Seq2SeqConfig,
  inputs: { source: Value; length: Value },
): { memory: Value[]; states: Value[] } {
  const encoded = encode(g, w, config, inferenceInput(g, inputs));
  const decoder = new Decoder(w, config);
  return { memory: [g.transpose(encoded.memory, [1, 0, 2])], states: decoder.start(g, encoded.states) };
}

/** One step of the decoder, for the search. */
export function seq2seqStep(w: Weights, config: Seq2SeqConfig): DecoderStep<Attended> {
  const decoder = new Decoder(w, config);
  return {
    memory: [{ name: "memory", shape: ["N", "S", memoryWidth(config)] }],
    states: decoder.stateNames.map((name, k) => ({ name, shape: ["R", decoder.stateWidths[k]!] })),
    vocabulary: config.targetVocabulary,
    prepare(g, [memory], sourceLength) {
      const position = g.range(g.sizeOf(memory!, 1), "S"); // [S]
      const inside = g.cast(g.less(g.unsqueeze(position, 0), g.unsqueeze(sourceLength!, 1)), "float32"); // [N, S]
      return decoder.attend(g, memory!, g.mul(g.sub(g.unsqueeze(inside, 1), 1), 1e9));
    },
    step(b, { token, states, prepared, sentences, beam }) {
      const {
        states: next,
        readout,
        weights,
      } = decoder.step(b, {
        projected: decoder.projectInput(b, decoder.embed(b, token)),
        states,
        attended: prepared,
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
