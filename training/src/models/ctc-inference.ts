import { BOS, EOS, PAD } from "../data/special.js";
import type { Weights } from "../layers/weights.js";
import { compact, pathOf } from "../objectives/best-path.js";
import { BLANK } from "../objectives/ctc.js";
import { branch } from "../onnx/control-flow.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { Candidates, type ShortlistInputs } from "./candidates.js";
import { type CtcConfig, type Frames, framesOf } from "./ctc.js";
import type { DecoderStep } from "./decoder-step.js";
import { inferenceInput, type Source } from "./encoder.js";
import { readOn } from "./reading-place.js";

/** Tokens kept of a frame: the likeliest, and those that a beam may take instead. */
const CHOICES = 4;
/** ln of the probability of a token that was not kept. It is no nothing: a text may be forced on the decoder. */
const UNLIKELY = -1e3;
const NEVER = -1e30;
const NEVER_SAID: readonly number[] = [PAD, BOS];

/** What the encoder keeps of a frame: tokens, their log-probabilities, and the source token it belongs to. */
const choicesOf = ({ targetVocabulary }: CtcConfig) => Math.min(CHOICES, targetVocabulary - 4);
const widthOf = (config: CtcConfig) => 2 * choicesOf(config) + 1;

/**
 * The whole network and the best path, of all tokens or, with a shortlist, of each sentence's candidates. source int64 [N, S], length int64 [N] → memory [N, S, k · width]: S·k places of
 * `width` numbers, the first ones filled in order, one a token of the output, the others zero; and the state, [N, 2].
 */
export function encodeToTokens(
  g: Graph,
  w: Weights,
  config: CtcConfig,
  inputs: Source,
  shortlist?: ShortlistInputs,
): { memory: Value[]; states: Value[] } {
  const { source } = inputs;
  const frames = framesOf(g, w, config, inferenceInput(g, inputs));
  const ranked = rankedLabels(g, config, frames, shortlist);
  const likeliest = g.squeeze(g.slice(ranked.labels, 2, 0, 1, 1), 2); // [frames, N]
  const path = pathOf(g, { likeliest, alive: frames.alive });
  const places = compact(g, path, choices(g, config, ranked)); // [N, frames, width]
  const width = config.upsample * widthOf(config);
  const memory = g.reshapeTo(places, [g.sizeOf(source, 0), g.sizeOf(source, 1), width], ["N", "S", width]);
  return { memory: [memory], states: [g.zeros([g.sizeOf(source, 0), 2], ["N", 2])] };
}

/** The likeliest of each frame, best first; ties by the lower id. */
interface Ranked {
  /** int64 [frames, N, count], or of rows [R, count]; the scores too */
  readonly labels: Value;
  /** Log-probabilities. */
  readonly scores: Value;
}

/** The likeliest of each frame, of all tokens or of the sentence's candidates. */
function rankedLabels(
  g: Graph,
  config: CtcConfig,
  { readout, output }: Frames,
  shortlist: ShortlistInputs | undefined,
): Ranked {
  const count = choicesOf(config) + 1;
  if (!shortlist) return likeliestLabels(g, output.all(g, readout), count);
  const [frames, sentences] = [g.sizeOf(readout, 0), g.sizeOf(readout, 1)];
  const vocabulary = config.targetVocabulary;
  // the frames of a sentence are its rows
  const candidates = new Candidates(g, shortlist, { beam: frames, sentences, vocabulary });
  const width = readout.shape[2] as number;
  const rows = g.reshape(g.transpose(readout, [1, 0, 2]), ["R", width]);
  const [logits] = branch(g, g.and(candidates.given, g.not(candidates.whole)), {
    yes: (yes) => [{ ...output.some(yes, candidates.gathered)(yes, rows), shape: ["R", "C"] }],
    no: (no) => [{ ...output.all(no, rows), shape: ["R", "C"] }],
  });
  const ranked = branch(g, candidates.given, {
    yes(yes) {
      const { labels, scores } = likeliestLabels(yes, candidates.logits(yes, logits!), count);
      // a list may be shorter than what is kept of a frame: what is behind its end is no blank, and is never said
      const listed = yes.greater(scores, NEVER / 2);
      return [yes.where(listed, candidates.tokensOfRows(yes, labels), yes.int(BOS)), scores];
    },
    no(no) {
      const { labels, scores } = likeliestLabels(no, logits!, count);
      return [labels, scores];
    },
  });
  const perFrame = (x: Value) =>
    g.transpose(g.reshapeTo(x, [sentences, frames, count], ["N", readout.shape[0]!, count]), [1, 0, 2]);
  const [labels, scores] = ranked.map(perFrame);
  return { labels: labels!, scores: scores! };
}

/**
 * The frames' logits are the largest tensor there is: they are ranked once, and the normalizer is made of the Softmax, because
 * the runtime's ReduceLogSumExp is a plain loop.
 */
function likeliestLabels(g: Graph, logits: Value, count: number): Ranked {
  const [values, labels] = g.topK(logits, g.int(count), count);
  const last = logits.shape.length - 1;
  const first = (x: Value) => g.slice(x, last, 0, 1, 1);
  const normalizer = g.sub(first(values), g.log(g.gatherElements(g.softmax(logits), first(labels)))); // ln Σ eˣ
  return { labels, scores: g.sub(values, normalizer) };
}

/** The likeliest tokens of each frame, the blank left out; [N, frames, width] */
function choices(g: Graph, config: CtcConfig, { labels, scores }: Ranked): Value {
  const count = choicesOf(config);
  const blanksSoFar = g.cumSum(g.cast(g.equal(labels, BLANK), "int64"), 2, 0);
  const place = g.add(g.range(g.int(count), count), g.slice(blanksSoFar, 2, 0, count, count)); // [frames, N, count]
  const tokens = (x: Value) => g.transpose(g.gatherElements(x, place), [1, 0, 2]);
  const [ids, best] = [g.cast(tokens(labels), "float32"), tokens(scores)]; // [N, frames, count]
  const frames = labels.shape[0]!;
  const source = g.div(g.range(g.sizeOf(labels, 0), frames), config.upsample); // [frames]
  const sizes = g.sizes([g.sizeOf(labels, 1), g.sizeOf(labels, 0), 1]);
  const origin = g.expand(g.unsqueeze(g.cast(source, "float32"), 1), sizes, [labels.shape[1]!, frames, 1]);
  return g.concat([ids, best, origin], 2);
}

interface Places {
  /** [N · S·k, width] */
  readonly entries: Value;
  /** int64 [N · S·k, choices] */
  readonly offered: Value;
  /** S·k, int64 scalar */
  readonly perSentence: Value;
  /** S, int64 scalar */
  readonly source: Value;
  /** int64 [N]: the source token that ends a sentence */
  readonly last: Value;
}

/**
 * A decoder that reads what the encoder wrote: the state is the place to read (reading-place.ts), and after the last token comes
 * eos, which is certain. A token scores the log-probability of the frame where it begins. It attends to the source token of
 * that frame.
 */
export function readingStep(config: CtcConfig): DecoderStep<Places> {
  const { targetVocabulary, upsample } = config;
  const [width, choices] = [widthOf(config), choicesOf(config)];
  return {
    memory: [{ name: "memory", shape: ["N", "S", upsample * width] }],
    states: [{ name: "state.position", shape: ["R", 2] }],
    vocabulary: targetVocabulary,
    prepare(g, [memory], { sourceLength }) {
      const source = g.sizeOf(memory!, 1);
      const entries = g.reshapeTo(memory!, [-1, width], ["places", width]);
      const offered = g.cast(g.slice(entries, 1, 0, choices, choices), "int64");
      return { entries, offered, perSentence: g.mul(source, upsample), source, last: g.sub(sourceLength!, 1) };
    },
    step(b, { token, states: [state], prepared, sentences, beam }) {
      const sentence = b.div(b.range(b.mul(sentences, beam), "R"), beam); // [R]
      const [next, astray] = b.split(state!, [1, 1], 1);
      const before = { next: b.cast(next!, "int64"), astray: b.greater(astray!, 0) };
      const reading = readOn(b, before, { token, sentence, offered: prepared.offered, places: prepared.perSentence });
      const read = readPlace(b, prepared, { place: reading.next, sentence, choices });
      const attention = attentionTo(b, prepared, { read, sentence });
      return {
        logits: (body) => logitsOf(body, read, targetVocabulary),
        normalizer: b.zerosLike(next!),
        states: [b.concat([b.cast(b.add(reading.next, 1), "float32"), b.cast(reading.astray, "float32")], 1)],
        attention: b.reshapeTo(attention, [sentences, beam, prepared.source], ["N", "B", "S"]),
      };
    },
  };
}

interface Read {
  /** int64 [R, choices] */
  readonly tokens: Value;
  /** [R, choices] */
  readonly scores: Value;
  /** [R, 1] */
  readonly origin: Value;
  /** bool [R]: there is no token at this place. */
  readonly ended: Value;
}

function readPlace(
  b: Graph,
  { entries, offered, perSentence }: Places,
  { place, sentence, choices: count }: { place: Value; sentence: Value; choices: number },
): Read {
  const wanted = b.squeeze(place, 1); // [R]
  const outside = b.greaterOrEqual(wanted, perSentence);
  const row = b.add(b.mul(sentence, perSentence), b.where(outside, b.int(0), wanted));
  const [, scores, origin] = b.split(b.gather(entries, row), [count, count, 1], 1);
  const tokens = b.gather(offered, row);
  const first = b.squeeze(b.slice(tokens, 1, 0, 1, 1), 1);
  return { tokens, scores: scores!, origin: origin!, ended: b.or(outside, b.equal(first, BLANK)) };
}

/** [R, V] */
function logitsOf(b: Graph, { tokens, scores, ended }: Read, vocabulary: number): Value {
  const unlikely = Array.from({ length: vocabulary }, (_, id) => (NEVER_SAID.includes(id) ? NEVER : UNLIKELY));
  const row = (values: readonly number[], dtype: "float32" | "int64" = "float32") =>
    b.constant(values, dtype, [1, values.length]);
  const none = b.expand(row(unlikely), b.sizes([b.sizeOf(ended, 0), vocabulary]), ["R", vocabulary]);
  const over = b.unsqueeze(ended, 1);
  // as many tokens as a place offers: the end, and others as they are
  const count = tokens.shape[1] as number;
  const ending = [EOS, ...unlikely.keys()].filter((id, k) => k === 0 || id !== EOS).slice(0, count);
  const endings = ending.map((id) => (id === EOS ? 0 : unlikely[id]!));
  return b.scatterElements(none, b.where(over, row(ending, "int64"), tokens), b.where(over, row(endings), scores));
}

/** [R, S]: 1 at the source token that the token comes from; eos comes from the source's eos. */
function attentionTo(b: Graph, { source, last }: Places, { read, sentence }: { read: Read; sentence: Value }): Value {
  const from = b.where(read.ended, b.gather(last, sentence), b.cast(b.squeeze(read.origin, 1), "int64"));
  return b.cast(b.equal(b.unsqueeze(b.range(source, "S"), 0), b.unsqueeze(from, 1)), "float32");
}
