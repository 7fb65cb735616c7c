import type { AttentionKind } from "../layers/attention.js";
import type { Dropout } from "../layers/dropout.js";
import type { Weights } from "../layers/weights.js";
import { scan } from "../onnx/control-flow.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { Decoder, oneRowEach } from "./decoder.js";
import { type EncoderConfig, encode } from "./encoder.js";

/** An encoder–decoder network with attention (Sutskever et al. 2014, Luong et al. 2015). Widths in units. */
export interface Seq2SeqConfig extends EncoderConfig {
  readonly targetVocabulary: number;
  readonly decoder: { readonly cell: string; readonly layers: number; readonly hidden: number };
  readonly attention: AttentionKind;
  readonly inputFeeding: boolean;
  readonly dropout: number;
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

/** Logits [target, batch, V] of every next token, given the right ones before it (teacher forcing). */
export function teacherForced(
  g: Graph,
  w: Weights,
  config: Seq2SeqConfig,
  { source, sourceMask, targetIn, dropout }: Seq2SeqInputs & { dropout: Dropout },
): Value {
  const alive = g.greater(g.unsqueeze(sourceMask, 2), 0.5); // [source, batch, 1]
  const encoded = encode(g, w, config, { source, mask: alive, dropout });
  const decoder = new Decoder(w, config);
  const memory = g.transpose(encoded.memory, [1, 0, 2]); // [batch, source, memory]
  const mask = g.mul(g.sub(g.unsqueeze(g.transpose(sourceMask, [1, 0]), 1), 1), 1e9); // [batch, 1, source]
  const attended = decoder.attend(g, memory, mask);
  const projected = decoder.projectInput(g, dropout.apply(decoder.embed(g, targetIn), "target"));
  const between = layerMasks(g, config, targetIn, dropout);
  const { outputs } = scan(g, {
    states: decoder.start(g, encoded.states),
    scanned: [projected, ...between],
    body(b, states, [input, ...masks]) {
      const stepped = decoder.step(b, {
        projected: input!,
        states,
        attended,
        view: oneRowEach,
        dropout: (at, x, layer) => (masks[layer - 1] ? at.mul(x, masks[layer - 1]!) : x),
      });
      return { states: stepped.states, outputs: [stepped.readout] };
    },
  });
  return decoder.logits(g, dropout.apply(outputs[0]!, "readout"));
}

/** Dropout between the decoder's layers happens inside the scan, so its masks travel along: [target, batch, hidden]. */
function layerMasks(g: Graph, { decoder, dropout: rate }: Seq2SeqConfig, like: Value, dropout: Dropout): Value[] {
  if (rate === 0 || decoder.layers === 1) return [];
  const shape = [...like.shape, decoder.hidden];
  const ones = g.expand(g.float(1), g.sizes([g.sizeOf(like, 0), g.sizeOf(like, 1), decoder.hidden]), shape);
  const masks = Array.from({ length: decoder.layers - 1 }, (_, k) => dropout.apply(ones, `decoder.${k + 1}`));
  return masks.filter((m) => m !== ones);
}
