import { CELLS, type VectorCellName } from "../cells/index.js";
import type { Dropout, DropoutSetting } from "../layers/dropout.js";
import { linear, type OutputProjection, outputProjection } from "../layers/projection.js";
import { recurrentStack } from "../layers/recurrent.js";
import type { Weights } from "../layers/weights.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { type EncoderConfig, type EncoderInput, encode, memoryWidth } from "./encoder.js";

/**
 * A network that gives all target tokens at once, for connectionist temporal classification (Libovický & Helcl 2018):
 * bidirectional recurrent layers over the source, whose every output is projected to `upsample` frames, so that a target
 * may be longer than its source; further recurrent layers over the frames; a token or a blank for each frame.
 */
export interface CtcConfig extends EncoderConfig {
  readonly targetVocabulary: number;
  /** Frames a source token, k. */
  readonly upsample: number;
  /** Recurrent layers over the frames, as wide as the encoder's. */
  readonly layersAfter: number;
  /** Of the layers over the frames. */
  readonly cell: VectorCellName;
  readonly dropout: DropoutSetting;
}

export interface Frames {
  /** What the output layer reads, [frames, batch, width], frames = k · source; frame t belongs to source token ⌊t ÷ k⌋ */
  readonly readout: Value;
  readonly output: OutputProjection;
  /** bool [frames, batch, 1] */
  readonly alive: Value;
}

/** Every frame of the source, and what makes logits of it. */
export function framesOf(g: Graph, w: Weights, config: CtcConfig, input: EncoderInput): Frames {
  const { encoder, upsample: k, layersAfter } = config;
  const { source, mask, lengths, dropout } = input;
  const width = memoryWidth(config);
  const { memory } = encode(g, w, config, input);
  const project = linear(w, { name: "upsample", input: width, output: k * width });
  const split = splitStates(g, dropout.apply(project(g, memory), "frames"), { k, width });
  const alive = repeatMask(g, mask, k);
  const overFrames = frameDropout(g, dropout, { source, k });
  const { outputs } = recurrentStack(g, split, {
    w,
    name: "after",
    cell: CELLS[config.cell],
    hidden: encoder.hidden,
    layers: layersAfter,
    direction: encoder.bidirectional ? "bidirectional" : "forward",
    dropout: overFrames,
    mask: alive,
    ...(lengths ? { lengths: g.mul(lengths, k) } : {}),
  });
  const readout = layersAfter > 0 ? overFrames.apply(outputs, "readout", "output") : outputs;
  const output = outputProjection(w, { name: "output", input: width, vocabulary: config.targetVocabulary });
  return { readout, output, alive };
}

/** [source, batch, k·width] → [frames, batch, width]: the k parts of a state follow one another in time. */
function splitStates(g: Graph, states: Value, { k, width }: { k: number; width: number }): Value {
  if (k === 1) return states;
  const [source, batch] = [states.shape[0]!, states.shape[1]!];
  const parts = g.reshapeTo(states, [g.sizeOf(states, 0), -1, k, width], [source, batch, k, width]);
  const inOrder = g.transpose(parts, [0, 2, 1, 3]); // [source, k, batch, width]
  return g.reshapeTo(inOrder, [-1, g.sizeOf(states, 1), width], ["frames", batch, width]);
}

/** bool [source, batch, 1] → [frames, batch, 1] */
function repeatMask(g: Graph, mask: Value, k: number): Value {
  if (k === 1) return mask;
  const [source, batch] = [mask.shape[0]!, mask.shape[1]!];
  const sizes = g.sizes([1, k, 1, 1]);
  const repeated = g.expand(g.unsqueeze(mask, 1), sizes, [source, k, batch, 1]);
  return g.reshapeTo(repeated, [-1, g.sizeOf(mask, 1), 1], ["frames", batch, 1]);
}

/** Dropout over frames: their number is no size the trainer knows, so a mask is drawn for [source, batch, k·width]. */
function frameDropout(g: Graph, dropout: Dropout, { source, k }: { source: Value; k: number }): Dropout {
  return {
    ...dropout,
    apply(x, name, place = "hidden") {
      const width = x.shape[2] as number;
      const mask = dropout.mask([...source.shape, k * width], { name, place });
      if (!mask) return x;
      // one mask for all steps of a sequence is one for all its frames
      const perSequence = mask.shape[0] === 1;
      return g.mul(x, perSequence ? g.slice(mask, 2, 0, width, width) : g.reshapeLike(mask, x));
    },
  };
}
