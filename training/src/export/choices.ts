import type { Candidates } from "../models/candidates.js";
import type { Stepped } from "../models/decoder-step.js";
import { branch } from "../onnx/control-flow.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { constrain, isConstrained } from "./constraints.js";
import { logNormalizer, logNormalizerAt } from "./log-normalizer.js";
import { sample, sampleFromAll } from "./sampling.js";
import { pastOf, type SearchInputs } from "./search-inputs.js";

/**
 * Each [N, B]: the token of a slot, the slot it continues, the sum of log-probabilities with all penalties, and the
 * log-probability that the model itself gives the token.
 */
export interface Choice {
  readonly token: Value;
  readonly parent: Value;
  readonly score: Value;
  readonly logProbability: Value;
}

/** How a step of the search goes on from what the decoder has said. */
export type Choose = (b: Graph, step: StepValues, frame: Frame) => Choice;

export interface StepValues extends Pick<Stepped, "logits" | "columnLogits" | "normalizer"> {
  /** [N, B] */
  readonly score: Value;
  /** [N] */
  readonly forced: Value;
  readonly uniform: Value;
  readonly position: Value;
  /** [R, H], in serving. */
  readonly history: Value | undefined;
}

/** What the choices of all steps share. */
export interface Frame {
  readonly sentences: Value;
  readonly beam: Value;
  readonly inputs: SearchInputs;
  /** Absent where the decoder has no shortlist. */
  readonly candidates: Candidates | undefined;
  readonly eos: number;
  readonly use: "serving" | "training";
}

/** When nothing is asked of any sentence at any step of the run. */
export const chooseBest: Choose = (b, { logits: all, normalizer, score }, frame) => {
  const logits = all(b);
  return bestContinuations(b, { logits, own: logits, normalizer, score, candidates: undefined }, frame);
};

/** The same where all sentences choose from candidates. */
export function chooseBestOf(candidates: Candidates, ofColumns: (b: Graph, step: StepValues) => Value): Choose {
  return (b, step, frame) => {
    const logits = candidates.logits(b, ofColumns(b, step));
    const { score } = step;
    return bestContinuations(b, { logits, own: logits, normalizer: undefined, score, candidates }, frame);
  };
}

/**
 * When anything may be asked of any sentence: the best continuations within the limits, and draws for who wants them.
 * @param standings what the candidates' `placesOf` wants
 */
export function chooseAsAsked(standings: Value | undefined): Choose {
  return (b, step, frame) => {
    const distribution = withinLimits(b, step, { ...frame, standings });
    const best = bestContinuations(b, distribution, frame);
    const sampling = b.greater(frame.inputs.temperature, 0); // [N]
    const [token, parent, score, logProbability] = branch(b, anyOf(b, sampling), {
      yes: (yes) => drawnWhere(yes, { sampling, best, step, distribution }, frame),
      no: () => [best.token, best.parent, best.score, best.logProbability],
    });
    return { token: token!, parent: parent!, score: score!, logProbability: logProbability! };
  };
}

/** The logits with all that is barred or made less likely, where a sentence asks for it. */
function withinLimits(b: Graph, asked: StepValues, frame: Frame & { standings: Value | undefined }): Constrained {
  const { inputs, candidates, standings, eos, beam } = frame;
  const own = logitsOf(b, asked, candidates);
  const normalizer = asked.normalizer ?? logNormalizer(b, own); // [R, 1]
  const { wishes, minLength } = inputs;
  const limits = {
    ...{ ...asked, logits: own, normalizer, minLength, eos, beam },
    placesOf: (c: Graph, tokens: Value) => (candidates ? candidates.placesOf(c, tokens, standings!) : tokens),
    ...(wishes ? { suppressed: wishes.suppressed, past: pastOf(wishes, asked.history!) } : {}),
  };
  const [logits] = branch(b, isConstrained(b, limits), {
    yes: (yes) => [constrain(yes, limits)],
    no: () => [own],
  });
  return { logits: logits!, own, normalizer, score: asked.score, candidates };
}

/** The best continuations, and draws in their place for the sentences that want them: token, parent, score and log-probability. */
function drawnWhere(
  b: Graph,
  {
    sampling,
    best,
    step,
    distribution,
  }: { sampling: Value; best: Choice; step: StepValues; distribution: Constrained },
  { inputs, use }: Frame,
): Value[] {
  const draw = use === "training" ? sampleFromAll : sample;
  const drawn = draw(b, { ...inputs, ...step, ...distribution });
  const token = distribution.candidates?.tokensOfSentences(b, drawn.choice) ?? drawn.choice;
  const rows = b.unsqueeze(sampling, 1);
  return [
    b.where(rows, token, best.token),
    b.where(rows, b.int(0), best.parent),
    b.where(rows, b.unsqueeze(drawn.score, 1), best.score),
    b.where(rows, b.unsqueeze(drawn.logProbability, 1), best.logProbability),
  ];
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

type Constrained = Distribution & { readonly normalizer: Value };

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

export function anyOf(b: Graph, flags: Value): Value {
  const count = b.sumAll(b.cast(flags, "int64"));
  return b.greater(count, 0);
}
