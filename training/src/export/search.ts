import type { DecoderStep } from "../models/decoder-step.js";
import { branch, loop } from "../onnx/control-flow.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { constrain, isConstrained } from "./constraints.js";
import { sample, sampleFromAll } from "./sampling.js";

/** A score at or below this marks a slot without a hypothesis. */
export const DEAD = -1e29;
const NOTHING = -1e30;

export interface SpecialIds {
  readonly pad: number;
  readonly bos: number;
  readonly eos: number;
}

/** What a request asks of the search; shapes and meaning: docs/model-bundle.md. */
export interface SearchInputs {
  readonly steps: Value;
  readonly token: Value;
  readonly score: Value;
  readonly position: Value;
  readonly beamSize: Value;
  readonly minLength: Value;
  readonly forced: Value;
  readonly temperature: Value;
  readonly topK: Value;
  readonly topP: Value;
  readonly uniform: Value;
}

export interface SearchOptions<P> {
  readonly decoder: DecoderStep<P>;
  readonly special: SpecialIds;
  /** cut (when absent): by `top_k` and `top_p`. from all: they are not looked at. */
  readonly sampling?: "cut" | "from all";
}

/**
 * Adds k steps of search over a decoder to the graph: one ONNX Loop, whose body runs the decoder once, chooses for every
 * sentence the best continuations of all its slots, and reorders the recurrent state to follow them. Sentences do not
 * touch each other: every operator works on rows or on the slots of one sentence.
 */
export function addSearch<P>(g: Graph, options: SearchOptions<P>): void {
  const { decoder, special } = options;
  const memory = decoder.memory.map((m) => g.input(m.name, "float32", m.shape));
  const sourceLength = memory.length > 0 ? g.input("source_length", "int64", ["N"]) : undefined;
  const states = decoder.states.map((s) => g.input(s.name, "float32", s.shape));
  const inputs = declareInputs(g);
  const sentences = g.sizeOf(inputs.beamSize, 0);
  const beam = g.sizeOf(inputs.score, 1);
  const prepared = decoder.prepare(g, memory, sourceLength);
  const frame = frameOf(g, { sentences, beam, inputs });

  const { carried, outputs } = loop(g, {
    tripCount: inputs.steps,
    steps: "k",
    carried: [inputs.token, inputs.score, inputs.position, inputs.beamSize, ...states],
    body(b, iteration, [token, score, position, left, ...state]) {
      const stepped = decoder.step(b, { token: token!, states: state, prepared, sentences, beam });
      const forced = b.gather(frame.forced, iteration); // [N]
      const uniform = b.gather(frame.uniform, iteration); // [N]
      const chosen = choose(b, { ...stepped, score: score!, forced, uniform, position: position! }, frame);

      const alive = b.and(b.less(frame.slots, b.unsqueeze(left!, 1)), b.greater(chosen.score, DEAD)); // [N, B]
      const newScore = b.where(alive, chosen.score, b.float(NOTHING));
      const newToken = b.where(alive, chosen.token, b.int(special.pad));
      const ended = b.and(alive, b.equal(newToken, special.eos));
      const newLeft = b.sub(left!, b.sum(b.cast(ended, "int64"), [1]));
      const rows = b.reshape(b.add(chosen.parent, frame.firstRows), ["R"]); // slot of its sentence → row
      const attention = stepped.attention ? [followed(b, stepped.attention, rows)] : [];
      return {
        carried: [
          b.reshape(newToken, ["R"]),
          b.where(ended, b.float(NOTHING), newScore),
          b.add(position!, 1),
          newLeft,
          ...stepped.states.map((s) => b.gather(s, rows)),
        ],
        outputs: [newToken, chosen.parent, newScore, ...attention],
      };
    },
  });

  const emitted = ["tokens", "parents", "scores", "attention"];
  outputs.forEach((value, k) => void g.output(value, emitted[k]!));
  const carriedNames = ["token", "score", "position", "beam_size", ...decoder.states.map((s) => s.name)];
  carried.forEach((value, k) => void g.output(value, `next.${carriedNames[k]}`));

  function choose(b: Graph, step: StepValues, f: Frame): Choice {
    const limits = { ...step, minLength: inputs.minLength, eos: special.eos, beam, vocabulary: decoder.vocabulary };
    const [logits] = branch(b, isConstrained(b, limits), {
      yes: (yes) => [constrain(yes, limits)],
      no: () => [step.logits],
    });
    const normalizer = step.normalizer ?? b.logSumExp(step.logits, [-1], 1); // [R, 1]
    const best = bestContinuations(b, { logits: logits!, normalizer, score: step.score }, f);
    const sampling = b.greater(inputs.temperature, 0); // [N]
    const values = branch(b, anyOf(b, sampling), {
      yes: (yes) => {
        const draw = options.sampling === "from all" ? sampleFromAll : sample;
        const drawn = draw(yes, { ...inputs, ...step, logits: logits!, normalizer, vocabulary: decoder.vocabulary });
        const rows = yes.unsqueeze(sampling, 1);
        return [
          yes.where(rows, yes.unsqueeze(drawn.token, 1), best.token),
          yes.where(rows, yes.int(0), best.parent),
          yes.where(rows, yes.unsqueeze(drawn.score, 1), best.score),
        ];
      },
      no: () => [best.token, best.parent, best.score],
    });
    return { token: values[0]!, parent: values[1]!, score: values[2]! };
  }
}

/** Each [N, B]: the token of a slot, the slot it continues, and the sum of log-probabilities. */
interface Choice {
  readonly token: Value;
  readonly parent: Value;
  readonly score: Value;
}

interface StepValues {
  /** [R, V] */
  readonly logits: Value;
  /** [R, 1] */
  readonly normalizer?: Value;
  /** [N, B] */
  readonly score: Value;
  /** [N] */
  readonly forced: Value;
  readonly uniform: Value;
  readonly position: Value;
}

/** What all steps share. */
interface Frame {
  readonly sentences: Value;
  readonly beam: Value;
  /** [1, B]: 0, 1, … */
  readonly slots: Value;
  /** [N, 1]: the row of each sentence's slot 0. */
  readonly firstRows: Value;
  /** [k, N] */
  readonly forced: Value;
  readonly uniform: Value;
}

function frameOf(
  g: Graph,
  { sentences, beam, inputs }: { sentences: Value; beam: Value; inputs: SearchInputs },
): Frame {
  return {
    sentences,
    beam,
    slots: g.unsqueeze(g.range(beam, "B"), 0),
    firstRows: g.unsqueeze(g.mul(g.range(sentences, "N"), beam), 1),
    forced: g.transpose(inputs.forced, [1, 0]),
    uniform: g.transpose(inputs.uniform, [1, 0]),
  };
}

function declareInputs(g: Graph): SearchInputs {
  return {
    steps: g.input("steps", "int64", []),
    token: g.input("token", "int64", ["R"]),
    score: g.input("score", "float32", ["N", "B"]),
    position: g.input("position", "int64", ["N"]),
    beamSize: g.input("beam_size", "int64", ["N"]),
    minLength: g.input("min_length", "int64", ["N"]),
    forced: g.input("forced", "int64", ["N", "k"]),
    temperature: g.input("temperature", "float32", ["N"]),
    topK: g.input("top_k", "int64", ["N"]),
    topP: g.input("top_p", "float32", ["N"]),
    uniform: g.input("uniform", "float32", ["N", "k"]),
  };
}

/**
 * The B best of all B·V continuations of a sentence: no slot can give more than B of them, so the best B of each row are
 * taken first, and then the best B of those.
 */
function bestContinuations(
  b: Graph,
  { logits, normalizer, score }: { logits: Value; normalizer: Value; score: Value },
  { beam, sentences }: Frame,
): Choice {
  const [values, tokens] = b.topK(logits, beam, "B"); // [R, B]
  const before = b.reshape(score, ["R", 1]);
  const total = b.add(b.sub(values, normalizer), before); // [R, B]
  const perSentence = [sentences, b.mul(beam, beam)];
  const [best, at] = b.topK(b.reshapeTo(total, perSentence, ["N", "BB"]), beam, "B"); // [N, B]
  const token = b.gatherElements(b.reshapeTo(tokens, perSentence, ["N", "BB"]), at);
  return { token, parent: b.div(at, beam), score: best };
}

/** attention [N, B, S] of the slots that were continued. */
function followed(b: Graph, attention: Value, rows: Value): Value {
  const byRow = b.reshapeTo(attention, [-1, b.sizeOf(attention, 2)], ["R", "S"]);
  return b.reshapeLike(b.gather(byRow, rows), attention);
}

function anyOf(b: Graph, flags: Value): Value {
  const count = b.sumAll(b.cast(flags, "int64"));
  return b.greater(count, 0);
}
