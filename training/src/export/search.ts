import { Candidates, declareShortlist } from "../models/candidates.js";
import type { DecoderStep, Stepped } from "../models/decoder-step.js";
import { branch, scan } from "../onnx/control-flow.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { constrain, isConstrained } from "./constraints.js";
import { logNormalizer, logNormalizerAt } from "./log-normalizer.js";
import type { Past } from "./repetition.js";
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
  /** Absent in training. */
  readonly wishes: Wishes | undefined;
}

/** What only a served model is asked. */
interface Wishes {
  readonly slots: Value;
  readonly suppressed: Value;
  readonly repetitionPenalty: Value;
  readonly noRepeatNgram: Value;
  readonly history: Value;
}

export interface SearchOptions<P> {
  readonly decoder: DecoderStep<P>;
  readonly special: SpecialIds;
  /**
   * serving (when absent): all that a request may ask. training: only what training asks, which is faster; sampling is
   * from the whole distribution, whatever `top_k` and `top_p` say.
   */
  readonly use?: "serving" | "training";
}

/**
 * Adds k steps of search over a decoder to the graph: one ONNX Scan, whose body runs the decoder once, chooses for every
 * sentence the best continuations of all its slots, and reorders the recurrent state to follow them. Sentences do not
 * touch each other: every operator works on rows or on the slots of one sentence.
 *
 * A run of which nobody asks anything has a Scan of its own, whose body is without conditions: a GPU then works through
 * all steps without the host looking at a tensor (a Loop would have its condition read after every step). There is another
 * for a run in which sentences choose from candidates.
 */
export function addSearch<P>(g: Graph, options: SearchOptions<P>): void {
  const { decoder, special } = options;
  const { dtype = "float32" } = decoder;
  const memory = decoder.memory.map((m) => g.input(m.name, "float32", m.shape));
  const sourceLength = memory.length > 0 ? g.input("source_length", "int64", ["N"]) : undefined;
  const states = decoder.states.map((s) => g.input(s.name, "float32", s.shape));
  const { use = "serving" } = options;
  const inputs = declareInputs(g, use);
  const sentences = g.sizeOf(inputs.beamSize, 0);
  const beam = g.sizeOf(inputs.score, 1);
  const { vocabulary } = decoder;
  const shortlist = decoder.shortlist && declareShortlist(g);
  const candidates = shortlist && new Candidates(g, shortlist, { beam, sentences, vocabulary });
  const columns = candidates?.gathered;
  const prepared = decoder.prepare(g, memory, { sourceLength, sentences, beam, columns });
  const frame = frameOf(g, { sentences, beam, inputs });
  const first = [
    inputs.token,
    inputs.score,
    inputs.position,
    inputs.beamSize,
    ...states.map(computed),
    ...historyOf(inputs),
  ];
  const unasked = stepsOf(chooseBest);
  const values = branch(g, isAsked(g, inputs), {
    yes(yes) {
      const standings = candidates?.standings(yes);
      return stepsOf((b, step) => chooseAsAsked(b, step, standings))(yes);
    },
    no: candidates
      ? (no) =>
          branch(no, candidates.given, {
            yes: (yes) =>
              branch(yes, candidates.whole, {
                yes: stepsOf(chooseBestOf(candidates, (b, step) => step.logits(b))),
                no: stepsOf(chooseBestOf(candidates, (b, step) => step.columnLogits!(b))),
              }),
            no: unasked,
          })
      : unasked,
  });

  const carriedNames = ["token", "score", "position", "beam_size", ...decoder.states.map((s) => s.name), "history"];
  const emitted = ["tokens", "parents", "scores", ...(inputs.wishes ? ["log_probs"] : []), "attention"];
  values.slice(first.length).forEach((value, k) => void g.output(value, emitted[k]!));
  values.slice(0, first.length).forEach((value, k) => void g.output(value, `next.${carriedNames[k]}`));

  function computed(value: Value): Value {
    return g.cast(value, dtype);
  }

  function given(b: Graph, value: Value): Value {
    return value.dtype === "float16" ? b.cast(value, "float32") : value;
  }

  /** All steps of a run: what they carry in the end, then what each emitted. */
  function stepsOf(choose: Choose): (b: Graph) => Value[] {
    return (outer) => {
      const { states: carried, outputs } = scan(outer, {
        states: first,
        scanned: [frame.forced, frame.uniform],
        body(b, [token, score, position, left, ...rest], [forced, uniform]) {
          const [state, history] = [rest.slice(0, states.length), rest[states.length]];
          const stepped = decoder.step(b, { token: token!, states: state, prepared, sentences, beam });
          const asked = { score: score!, forced: forced!, uniform: uniform!, position: position!, history };
          const chosen = choose(b, { ...stepped, ...asked });
          const most = inputs.wishes ? b.min(left!, inputs.wishes.slots) : left!;
          const alive = b.and(b.less(frame.slots, b.unsqueeze(most, 1)), b.greater(chosen.score, DEAD)); // [N, B]
          const newScore = b.where(alive, chosen.score, b.float(NOTHING));
          const newToken = b.where(alive, chosen.token, b.int(special.pad));
          const ended = b.and(alive, b.equal(newToken, special.eos));
          const newLeft = b.sub(left!, b.sum(b.cast(ended, "int64"), [1]));
          const rows = b.reshape(b.add(chosen.parent, frame.firstRows), ["R"]); // slot of its sentence → row
          const attention = stepped.attention ? [followed(b, stepped.attention, rows)] : [];
          const tokens = b.reshape(newToken, ["R"]);
          return {
            states: [
              tokens,
              b.where(ended, b.float(NOTHING), newScore),
              b.add(position!, 1),
              newLeft,
              ...stepped.states.map((s) => b.gather(s, rows)),
              ...(history ? [remembered(b, b.gather(history, rows), tokens)] : []),
            ],
            outputs: [newToken, chosen.parent, newScore, ...(history ? [chosen.logProbability] : []), ...attention],
          };
        },
      });
      return [...carried, ...outputs].map((value) => given(outer, value));
    };
  }

  /** When nothing is asked of any sentence at any step of the run. */
  function chooseBest(b: Graph, { logits: all, normalizer, score }: StepValues): Choice {
    const logits = all(b);
    return bestContinuations(b, { logits, own: logits, normalizer, score, candidates: undefined }, frame);
  }

  /** The same where all sentences choose from candidates. */
  function chooseBestOf(candidates: Candidates, ofColumns: (b: Graph, step: StepValues) => Value): Choose {
    return (b, step) => {
      const logits = candidates.logits(b, ofColumns(b, step));
      const { score } = step;
      return bestContinuations(b, { logits, own: logits, normalizer: undefined, score, candidates }, frame);
    };
  }

  /** @param standings what the candidates' `placesOf` wants */
  function chooseAsAsked(b: Graph, asked: StepValues, standings: Value | undefined): Choice {
    const step = { ...asked, logits: logitsOf(b, asked, candidates) };
    const normalizer = step.normalizer ?? logNormalizer(b, step.logits); // [R, 1]
    const { wishes, minLength } = inputs;
    const limits = {
      ...{ ...step, normalizer, minLength, eos: special.eos, beam },
      placesOf: (c: Graph, tokens: Value) => (candidates ? candidates.placesOf(c, tokens, standings!) : tokens),
      ...(wishes ? { suppressed: wishes.suppressed, past: pastOf(wishes, step.history!) } : {}),
    };
    const [logits] = branch(b, isConstrained(b, limits), {
      yes: (yes) => [constrain(yes, limits)],
      no: () => [step.logits],
    });
    const distribution = { logits: logits!, own: step.logits, normalizer };
    const best = bestContinuations(b, { ...distribution, candidates, score: step.score }, frame);
    const sampling = b.greater(inputs.temperature, 0); // [N]
    const values = branch(b, anyOf(b, sampling), {
      yes: (yes) => {
        const draw = use === "training" ? sampleFromAll : sample;
        const drawn = draw(yes, { ...inputs, ...step, ...distribution });
        const token = candidates?.tokensOfSentences(yes, drawn.choice) ?? drawn.choice;
        const rows = yes.unsqueeze(sampling, 1);
        return [
          yes.where(rows, token, best.token),
          yes.where(rows, yes.int(0), best.parent),
          yes.where(rows, yes.unsqueeze(drawn.score, 1), best.score),
          yes.where(rows, yes.unsqueeze(drawn.logProbability, 1), best.logProbability),
        ];
      },
      no: () => [best.token, best.parent, best.score, best.logProbability],
    });
    return { token: values[0]!, parent: values[1]!, score: values[2]!, logProbability: values[3]! };
  }
}

/**
 * Each [N, B]: the token of a slot, the slot it continues, the sum of log-probabilities with all penalties, and the
 * log-probability that the model itself gives the token.
 */
interface Choice {
  readonly token: Value;
  readonly parent: Value;
  readonly score: Value;
  readonly logProbability: Value;
}

type Choose = (b: Graph, step: StepValues) => Choice;

interface StepValues extends Pick<Stepped, "logits" | "columnLogits" | "normalizer"> {
  /** [N, B] */
  readonly score: Value;
  /** [N] */
  readonly forced: Value;
  readonly uniform: Value;
  readonly position: Value;
  /** [R, H], in serving. */
  readonly history: Value | undefined;
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

function declareInputs(g: Graph, use: "serving" | "training"): SearchInputs {
  return {
    wishes: use === "serving" ? declareWishes(g) : undefined,
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

function declareWishes(g: Graph): Wishes {
  return {
    slots: g.input("slots", "int64", ["N"]),
    suppressed: g.input("suppressed", "int64", ["N", "M"]),
    repetitionPenalty: g.input("repetition_penalty", "float32", ["N"]),
    noRepeatNgram: g.input("no_repeat_ngram", "int64", ["N"]),
    history: g.input("history", "int64", ["R", "H"]),
  };
}

function historyOf({ wishes }: SearchInputs): Value[] {
  return wishes ? [wishes.history] : [];
}

function pastOf({ repetitionPenalty, noRepeatNgram }: Wishes, history: Value): Past {
  return { history, penalty: repetitionPenalty, noRepeat: noRepeatNgram };
}

interface Distribution {
  /** [R, W] each. */
  readonly logits: Value;
  readonly own: Value;
  /** [R, 1] */
  readonly normalizer: Value | undefined;
  /** [N, B] */
  readonly score: Value;
  /** Absent where the W are the vocabulary. */
  readonly candidates: Candidates | undefined;
}

/** A history [R, H] one token later, as long as it was. */
function remembered(b: Graph, history: Value, tokens: Value): Value {
  const longer = b.concat([history, b.unsqueeze(tokens, 1)], 1);
  return b.slice(longer, 1, 1, 2 ** 31 - 1, history.shape[1]!);
}

/** [R, W]: of all tokens, W = V, or where candidates are given of those, W = L. */
function logitsOf(
  b: Graph,
  { logits, columnLogits }: Pick<Stepped, "logits" | "columnLogits">,
  candidates: Candidates | undefined,
): Value {
  if (!candidates || !columnLogits) return logits(b);
  const given = (yes: Graph) =>
    branch(yes, candidates.whole, {
      yes: (all) => [candidates.logits(all, logits(all))],
      no: (some) => [candidates.logits(some, columnLogits(some))],
    });
  return branch(b, candidates.given, { yes: given, no: (no) => [{ ...logits(no), shape: ["R", "W"] }] })[0]!;
}

/**
 * The B best of all B·W continuations of a sentence: no slot can give more than B of them, so the best B of each row are
 * taken first, and then the best B of those. Without a normalizer, nothing is barred: the logits are the model's own.
 */
function bestContinuations(
  b: Graph,
  { logits, own, score, candidates, ...given }: Distribution,
  { beam, sentences }: Frame,
): Choice {
  const [values, choices] = b.topK(logits, beam, "B"); // [R, B]
  const tokens = candidates?.tokensOfRows(b, choices) ?? choices;
  const normalizer = given.normalizer ?? logNormalizerAt(b, logits, { value: values, choice: choices });
  const before = b.reshape(score, ["R", 1]);
  const gained = b.sub(values, normalizer);
  const total = b.add(gained, before); // [R, B]
  const perSentence = [sentences, b.mul(beam, beam)];
  const [best, at] = b.topK(b.reshapeTo(total, perSentence, ["N", "BB"]), beam, "B"); // [N, B]
  const ofBest = (values: Value) => b.gatherElements(b.reshapeTo(values, perSentence, ["N", "BB"]), at);
  const logProbabilities = own === logits ? gained : b.sub(b.gatherElements(own, choices), normalizer); // [R, B]
  return {
    token: ofBest(tokens),
    parent: b.div(at, beam),
    score: best,
    logProbability: ofBest(logProbabilities),
  };
}

/** attention [N, B, S] of the slots that were continued. */
function followed(b: Graph, attention: Value, rows: Value): Value {
  const byRow = b.reshapeTo(attention, [-1, b.sizeOf(attention, 2)], ["R", "S"]);
  return b.reshapeLike(b.gather(byRow, rows), attention);
}

/** Whether any sentence wants anything but the best continuations at any step of the run, bool scalar. */
function isAsked(g: Graph, { forced, position, minLength, temperature, wishes }: SearchInputs): Value {
  const limits = { forced: g.max(forced, [1]), position, minLength };
  const asked = wishes ? { suppressed: wishes.suppressed, past: pastOf(wishes, wishes.history) } : {};
  return g.or(isConstrained(g, { ...limits, ...asked }), anyOf(g, g.greater(temperature, 0)));
}

function anyOf(b: Graph, flags: Value): Value {
  const count = b.sumAll(b.cast(flags, "int64"));
  return b.greater(count, 0);
}
