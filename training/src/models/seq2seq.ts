import type { VectorCellName } from "../cells/index.js";
import type { AttentionKind } from "../layers/attention.js";
import type { Dropout, DropoutSetting } from "../layers/dropout.js";
import type { OutputProjection } from "../layers/projection.js";
import type { Weights } from "../layers/weights.js";
import { scan } from "../onnx/control-flow.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { Decoder, oneRowEach } from "./decoder.js";
import { type EncoderConfig, encode } from "./encoder.js";

/** An encoder–decoder network with attention (Sutskever et al. 2014, Luong et al. 2015). Widths in units. */
export interface Seq2SeqConfig extends EncoderConfig {
  readonly targetVocabulary: number;
  readonly decoder: { readonly cell: VectorCellName; readonly layers: number; readonly hidden: number };
  readonly attention: AttentionKind;
  readonly inputFeeding: boolean;
  readonly dropout: DropoutSetting;
  readonly tieEmbeddings: boolean;
}

export interface Seq2SeqInputs {
  /** int64 [source, batch] */
  readonly source: Value;
  /** float32 [source, batch], 0 at padding */
  readonly sourceMask: Value;
  /** int64 [target, batch], begins with bos */
  readonly targetIn: Value;
}

/** The readout [target, batch, readout] that every next token is chosen by, given the right ones before it (teacher forcing), and the output layer. */
export function teacherForced(
  g: Graph,
  w: Weights,
  config: Seq2SeqConfig,
  { source, sourceMask, targetIn, dropout }: Seq2SeqInputs & { dropout: Dropout },
): { readout: Value; output: OutputProjection } {
  const alive = g.greater(g.unsqueeze(sourceMask, 2), 0.5); // [source, batch, 1]
  const encoded = encode(g, w, config, { source, mask: alive, dropout });
  const decoder = new Decoder(w, config, dropout);
  const memory = g.transpose(encoded.memory, [1, 0, 2]); // [batch, source, memory]
  const mask = g.mul(g.sub(g.unsqueeze(g.transpose(sourceMask, [1, 0]), 1), 1), 1e9); // [batch, 1, source]
  const attended = decoder.attend(g, { memory, keys: decoder.keys(g, memory), mask });
  const projected = decoder.projectInput(g, dropout.apply(decoder.embed(g, targetIn), "target", "input"));
  const between = layerMasks(config, targetIn, dropout);
  const perStep = between.filter((m) => m.shape[0] !== 1);
  const { outputs } = scan(g, {
    states: decoder.start(g, encoded.states),
    scanned: [projected, ...perStep],
    body(b, states, [input, ...masks]) {
      const stepped = decoder.step(b, {
        projected: input!,
        states,
        attended,
        view: oneRowEach,
        dropout: (at, x, layer) => dropBetween(at, x, { scanned: masks[layer - 1], captured: between[layer - 1] }),
      });
      return { states: stepped.states, outputs: [stepped.readout] };
    },
  });
  return { readout: dropout.apply(outputs[0]!, "readout", "output"), output: decoder.output };
}

/**
 * Dropout between the decoder's layers happens inside the scan, so its masks travel along: [target, batch, hidden], or
 * [1, batch, hidden] when a sequence has one for all steps.
 */
function layerMasks({ decoder }: Seq2SeqConfig, like: Value, dropout: Dropout): Value[] {
  const shape = [...like.shape, decoder.hidden];
  const between = Array.from({ length: decoder.layers - 1 }, (_, k) => `decoder.${k + 1}`);
  return between.flatMap((name) => dropout.mask(shape, { name, place: "hidden" }) ?? []);
}

function dropBetween(b: Graph, x: Value, mask: { scanned: Value | undefined; captured: Value | undefined }): Value {
  if (mask.scanned) return b.mul(x, mask.scanned);
  return mask.captured ? b.mul(x, b.squeeze(mask.captured, 0)) : x;
}
