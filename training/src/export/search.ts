import { Candidates, declareShortlist } from "../models/candidates.js";
import type { DecoderStep } from "../models/decoder-step.js";
import { branch, scan } from "../onnx/control-flow.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { anyOf, type Choose, chooseAsAsked, chooseBest, chooseBestOf, type Frame } from "./choices.js";
import { isConstrained } from "./constraints.js";
import { declareInputs, historyOf, pastOf, type SearchInputs } from "./search-inputs.js";

/** A score at or below this marks a slot without a hypothesis. */
export const DEAD = -1e29;
const NOTHING = -1e30;

export interface SpecialIds {
  readonly pad: number;
  readonly bos: number;
  readonly eos: number;
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
  const run = declareRun(g, options);
  const { candidates, inputs, decoder, first } = run;
  const unasked = stepsOf(run, chooseBest);
  const values = branch(g, isAsked(g, inputs), {
    yes: (yes) => stepsOf(run, chooseAsAsked(candidates?.standings(yes)))(yes),
    no: candidates
      ? (no) => branch(no, candidates.given, { yes: stepsOfCandidates(run, candidates), no: unasked })
      : unasked,
  });
  const carriedNames = ["token", "score", "position", "beam_size", ...decoder.states.map((s) => s.name), "history"];
  const emitted = ["tokens", "parents", "scores", ...(inputs.wishes ? ["log_probs"] : []), "attention"];
  values.slice(first.length).forEach((value, k) => void g.output(value, emitted[k]!));
  values.slice(0, first.length).forEach((value, k) => void g.output(value, `next.${carriedNames[k]}`));
}

/** What all steps share. */
interface Run<P> extends Frame {
  readonly decoder: DecoderStep<P>;
  readonly prepared: P;
  readonly special: SpecialIds;
  /** What the first step carries on from: token, score, position, beam size, the decoder's states, the history. */
  readonly first: readonly Value[];
  /** [1, B]: 0, 1, … */
  readonly slots: Value;
  /** [N, 1]: the row of each sentence's slot 0. */
  readonly firstRows: Value;
  /** [k, N] */
  readonly forced: Value;
  readonly uniform: Value;
}

function declareRun<P>(g: Graph, { decoder, special, use = "serving" }: SearchOptions<P>): Run<P> {
  const { dtype = "float32", vocabulary } = decoder;
  const memory = decoder.memory.map((m) => g.input(m.name, "float32", m.shape));
  const sourceLength = memory.length > 0 ? g.input("source_length", "int64", ["N"]) : undefined;
  const states = decoder.states.map((s) => g.input(s.name, "float32", s.shape));
  const inputs = declareInputs(g, use);
  const sentences = g.sizeOf(inputs.beamSize, 0);
  const beam = g.sizeOf(inputs.score, 1);
  const shortlist = decoder.shortlist && declareShortlist(g);
  const candidates = shortlist && new Candidates(g, shortlist, { beam, sentences, vocabulary });
  const columns = candidates?.gathered;
  const { token, score, position, beamSize } = inputs;
  return {
    ...{ decoder, special, use, inputs, candidates, sentences, beam, eos: special.eos },
    prepared: decoder.prepare(g, memory, { sourceLength, sentences, beam, columns }),
    slots: g.unsqueeze(g.range(beam, "B"), 0),
    firstRows: g.unsqueeze(g.mul(g.range(sentences, "N"), beam), 1),
    forced: g.transpose(inputs.forced, [1, 0]),
    uniform: g.transpose(inputs.uniform, [1, 0]),
    first: [token, score, position, beamSize, ...states.map((s) => g.cast(s, dtype)), ...historyOf(inputs)],
  };
}

/** All steps of a run: what they carry in the end, then what each emitted. */
type Steps = (outer: Graph) => Value[];

function stepsOf<P>(run: Run<P>, choose: Choose): Steps {
  return (outer) => {
    const { states, outputs } = scan(outer, {
      states: run.first,
      scanned: [run.forced, run.uniform],
      body: (b, carried, [forced, uniform]) => addStep(b, run, { choose, carried, forced: forced!, uniform: uniform! }),
    });
    const given = (value: Value) => (value.dtype === "float16" ? outer.cast(value, "float32") : value);
    return [...states, ...outputs].map(given);
  };
}

/** The same where nothing is asked but that sentences choose from candidates. */
function stepsOfCandidates<P>(run: Run<P>, candidates: Candidates): Steps {
  return (outer) =>
    branch(outer, candidates.whole, {
      yes: stepsOf(
        run,
        chooseBestOf(candidates, (b, step) => step.logits(b)),
      ),
      no: stepsOf(
        run,
        chooseBestOf(candidates, (b, step) => step.columnLogits!(b)),
      ),
    });
}

interface StepInputs {
  readonly choose: Choose;
  readonly carried: readonly Value[];
  /** [N] */
  readonly forced: Value;
  readonly uniform: Value;
}

/** Runs the decoder once, chooses, and follows what was chosen. */
function addStep<P>(
  b: Graph,
  run: Run<P>,
  { choose, carried: [token, score, position, left, ...rest], forced, uniform }: StepInputs,
): { states: Value[]; outputs: Value[] } {
  const { decoder, prepared, sentences, beam, special } = run;
  const [states, history] = [rest.slice(0, decoder.states.length), rest[decoder.states.length]];
  const stepped = decoder.step(b, { token: token!, states, prepared, sentences, beam });
  const chosen = choose(b, { ...stepped, score: score!, forced, uniform, position: position!, history }, run);
  const most = run.inputs.wishes ? b.min(left!, run.inputs.wishes.slots) : left!;
  const alive = b.and(b.less(run.slots, b.unsqueeze(most, 1)), b.greater(chosen.score, DEAD)); // [N, B]
  const newScore = b.where(alive, chosen.score, b.float(NOTHING));
  const newToken = b.where(alive, chosen.token, b.int(special.pad));
  const ended = b.and(alive, b.equal(newToken, special.eos));
  const newLeft = b.sub(left!, b.sum(b.cast(ended, "int64"), [1]));
  const rows = b.reshape(b.add(chosen.parent, run.firstRows), ["R"]); // slot of its sentence → row
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
}

/** A history [R, H] one token later, as long as it was. */
function remembered(b: Graph, history: Value, tokens: Value): Value {
  const longer = b.concat([history, b.unsqueeze(tokens, 1)], 1);
  return b.slice(longer, 1, 1, 2 ** 31 - 1, history.shape[1]!);
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
