import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import type { Past } from "./repetition.js";

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

export function declareInputs(g: Graph, use: "serving" | "training"): SearchInputs {
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

export function historyOf({ wishes }: SearchInputs): Value[] {
  return wishes ? [wishes.history] : [];
}

export function pastOf({ repetitionPenalty, noRepeatNgram }: Wishes, history: Value): Past {
  return { history, penalty: repetitionPenalty, noRepeat: noRepeatNgram };
}
