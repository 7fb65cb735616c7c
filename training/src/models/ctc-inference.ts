import { BOS, EOS, PAD } from "../data/special.js";
import { noDropout } from "../layers/dropout.js";
import type { Weights } from "../layers/weights.js";
import { bestPath, compact } from "../objectives/best-path.js";
import { BLANK } from "../objectives/ctc.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { type CtcConfig, type Frames, framesOf } from "./ctc.js";
import type { DecoderStep } from "./decoder-step.js";

/** Tokens kept of a frame: the likeliest, and those that a beam may take instead. */
const CHOICES = 4;
/** ln of the probability of a token that was not kept. It is no nothing: a text may be forced on the decoder. */
const UNLIKELY = -1e3;
const NEVER = -1e30;

/** What the encoder keeps of a frame: tokens, their log-probabilities, and the source token it belongs to. */
const choicesOf = ({ targetVocabulary }: CtcConfig) => Math.min(CHOICES, targetVocabulary - 4);
const widthOf = (config: CtcConfig) => 2 * choicesOf(config) + 1;

/**
 * The whole network and the best path. source int64 [N, S], length int64 [N] → memory [N, S, k · width]: S·k places of
 * `width` numbers, the first ones filled in order, one a token of the output, the others zero; and the state, [N, 1].
 */
export function encodeToTokens(
  g: Graph,
  w: Weights,
  config: CtcConfig,
  { source, length }: { source: Value; length: Value },
): { memory: Value[]; states: Value[] } {
  const position = g.unsqueeze(g.range(g.sizeOf(source, 1), "S"), 1); // [S, 1]
  const mask = g.unsqueeze(g.less(position, g.unsqueeze(length, 0)), 2); // [S, N, 1]
  const frames = framesOf(g, w, config, {
    source: g.transpose(source, [1, 0]),
    mask,
    lengths: length,
    dropout: noDropout,
  });
  const places = compact(g, bestPath(g, frames), choices(g, config, frames)); // [N, frames, width]
  const width = config.upsample * widthOf(config);
  const memory = g.reshapeTo(places, [g.sizeOf(source, 0), g.sizeOf(source, 1), width], ["N", "S", width]);
  return { memory: [memory], states: [g.zeros([g.sizeOf(source, 0), 1], ["N", 1])] };
}

/** [N, frames, width] */
function choices(g: Graph, config: CtcConfig, { logits }: Frames): Value {
  const count = choicesOf(config);
  const logProbabilities = g.transpose(g.sub(logits, g.logSumExp(logits, [-1], 1)), [1, 0, 2]); // [N, frames, V]
  const tokensOnly = g.slice(logProbabilities, 2, BLANK + 1, config.targetVocabulary, config.targetVocabulary - 1);
  const [best, at] = g.topK(tokensOnly, g.int(count), count);
  const ids = g.cast(g.add(at, BLANK + 1), "float32");
  const [N, frames] = [logProbabilities.shape[0]!, logProbabilities.shape[1]!];
  const source = g.div(g.range(g.sizeOf(logProbabilities, 1), frames), config.upsample); // [frames]
  const sizes = g.sizes([g.sizeOf(logProbabilities, 0), g.sizeOf(logProbabilities, 1), 1]);
  const origin = g.expand(g.unsqueeze(g.cast(source, "float32"), 1), sizes, [N, frames, 1]);
  return g.concat([ids, best, origin], 2);
}

interface Places {
  /** [N · S·k, width] */
  readonly entries: Value;
  /** S·k, int64 scalar */
  readonly perSentence: Value;
  /** S, int64 scalar */
  readonly source: Value;
  /** int64 [N]: the source token that ends a sentence */
  readonly last: Value;
}

/**
 * A decoder that reads what the encoder wrote: the state is the place to read, and after the last token comes eos, which
 * is certain. A token scores the log-probability of the frame where it begins. It attends to the source token of that frame.
 */
export function readingStep(config: CtcConfig): DecoderStep<Places> {
  const { targetVocabulary: vocabulary, upsample } = config;
  const [width, count] = [widthOf(config), choicesOf(config)];
  const unlikely = Array.from({ length: vocabulary }, (_, id) => (id === PAD || id === BOS ? NEVER : UNLIKELY));
  const ending = unlikely.map((x, id) => (id === EOS ? 0 : x));
  return {
    memory: [{ name: "memory", shape: ["N", "S", upsample * width] }],
    states: [{ name: "state.position", shape: ["R", 1] }],
    vocabulary,
    prepare(g, [memory], sourceLength) {
      const source = g.sizeOf(memory!, 1);
      const entries = g.reshapeTo(memory!, [-1, width], ["places", width]);
      return { entries, perSentence: g.mul(source, upsample), source, last: g.sub(sourceLength!, 1) };
    },
    step(b, { states: [state], prepared, sentences, beam }) {
      const { perSentence } = prepared;
      const place = b.cast(b.squeeze(state!, 1), "int64"); // [R]
      const sentence = b.div(b.range(b.mul(sentences, beam), "R"), beam); // [R]
      const outside = b.greaterOrEqual(place, perSentence);
      const inside = b.where(outside, b.int(0), place);
      const entry = b.gather(prepared.entries, b.add(b.mul(sentence, perSentence), inside)); // [R, width]
      const [ids, scores, origin] = b.split(entry, [count, count, 1], 1);
      const tokens = b.cast(ids!, "int64"); // [R, choices]
      const first = b.squeeze(b.slice(tokens, 1, 0, 1, 1), 1);
      const ended = b.or(outside, b.equal(first, BLANK)); // [R]
      const none = b.expand(b.constant(unlikely, "float32", [1, vocabulary]), rowsBy(b, state!, vocabulary), [
        "R",
        vocabulary,
      ]);
      const scattered = b.scatterElements(none, tokens, scores!);
      const logits = b.where(b.unsqueeze(ended, 1), b.constant(ending, "float32", [1, vocabulary]), scattered);
      const attended = b.where(ended, b.gather(prepared.last, sentence), b.cast(b.squeeze(origin!, 1), "int64"));
      const oneHot = b.equal(b.unsqueeze(b.range(prepared.source, "S"), 0), b.unsqueeze(attended, 1)); // [R, S]
      return {
        logits,
        normalizer: b.zeros([b.sizeOf(state!, 0), 1], ["R", 1]),
        states: [b.add(state!, 1)],
        attention: b.reshapeTo(b.cast(oneHot, "float32"), [sentences, beam, prepared.source], ["N", "B", "S"]),
      };
    },
  };
}

function rowsBy(b: Graph, state: Value, width: number): Value {
  return b.sizes([b.sizeOf(state, 0), width]);
}
