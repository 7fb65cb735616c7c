import type { Weights } from "../layers/weights.js";
import { declareShortlist } from "../models/candidates.js";
import type { CtcConfig } from "../models/ctc.js";
import { encodeToTokens, readingStep } from "../models/ctc-inference.js";
import type { DecoderStep } from "../models/decoder-step.js";
import type { Recurrences, Source } from "../models/encoder.js";
import type { LanguageModelConfig } from "../models/language-model.js";
import { languageModelStep } from "../models/language-model.js";
import type { Seq2SeqConfig } from "../models/seq2seq.js";
import { encodeForInference, seq2seqStep } from "../models/seq2seq-inference.js";
import { EditableModel } from "../onnx/editable-model.js";
import { Graph } from "../onnx/graph.js";
import { ownWeights } from "../onnx/own-weights.js";
import { prune } from "../onnx/prune.js";
import { serialize } from "../onnx/serialize.js";
import type { Value } from "../onnx/value.js";
import type { NamedParameters } from "../trainer/parameters.js";
import { FedWeights } from "./fed-weights.js";
import { addSearch, type SpecialIds } from "./search.js";
import { type Storage, StoredWeights } from "./stored-weights.js";

export interface Trained extends Storage {
  readonly parameters: NamedParameters;
  readonly special: SpecialIds;
  readonly recurrences?: Recurrences;
  /** Whether the decoder, or where it chooses nothing the encoder, can be held to candidates. */
  readonly shortlist?: "taken";
}

/** Weights that every run of the graphs is fed, by their names. The search can do what training asks, no more. */
export interface Fed {
  /** What is never answered; see SUPPRESSED. */
  readonly suppressed: readonly number[];
  readonly special: SpecialIds;
}

interface NamedTensor {
  readonly name: string;
  readonly dtype: "float32";
  readonly shape: (string | number)[];
}

/** The graphs of a bundle, and the tensors that pass between them. */
export interface InferenceGraphs {
  readonly encoder?: Uint8Array;
  readonly decoder: Uint8Array;
  readonly memory: NamedTensor[];
  readonly state: NamedTensor[];
}

const AXIS_NAMES: Readonly<Record<string, string>> = { N: "sentence", S: "source", R: "row" };

function named(tensors: readonly { name: string; shape: readonly (string | number)[] }[]): NamedTensor[] {
  return tensors.map(({ name, shape }) => ({
    name,
    dtype: "float32",
    shape: shape.map((d) => (typeof d === "string" ? AXIS_NAMES[d]! : d)),
  }));
}

export function seq2seqGraphs(config: Seq2SeqConfig, trained: Trained | Fed): InferenceGraphs {
  return translationGraphs(trained, {
    decoder: (w) =>
      seq2seqStep(w, config, isFed(trained) ? { weightsAre: "fed" } : { ...trained, weightsAre: "stored" }),
    encode: (g, w, inputs) => encodeForInference(g, w, config, inputs),
  });
}

/** The encoder does all the work; the decoder reads the tokens that it wrote into the memory. */
export function ctcGraphs(config: CtcConfig, trained: Trained): InferenceGraphs {
  return translationGraphs(trained, {
    decoder: () => readingStep(config),
    encode: (g, w, inputs) => encodeToTokens(g, w, config, inputs, trained.shortlist && declareShortlist(g)),
  });
}

interface Sides<P> {
  decoder(w: Weights): DecoderStep<P>;
  /** What the decoder's memory and states are, in their order. */
  encode(g: Graph, w: Weights, inputs: Source): { memory: Value[]; states: Value[] };
}

function translationGraphs<P>(trained: Trained | Fed, sides: Sides<P>): InferenceGraphs {
  const g = new Graph();
  const decoder = sides.decoder(weights(g, trained));
  addSearch(g, { decoder, special: trained.special, use: isFed(trained) ? "training" : "serving" });
  return {
    encoder: encoderGraph(trained, sides, decoder),
    decoder: decoderGraph(trained, g),
    memory: named(decoder.memory),
    state: named(decoder.states),
  };
}

function encoderGraph<P>(trained: Trained | Fed, { encode }: Sides<P>, { memory, states }: DecoderStep<P>): Uint8Array {
  const g = new Graph();
  const source = g.input("source", "int64", ["N", "S"]);
  const length = g.input("source_length", "int64", ["N"]);
  const recurrences = isFed(trained) ? undefined : trained.recurrences;
  const encoded = encode(g, weights(g, trained), { source, length, recurrences });
  const give = (value: Value, name: string) => void g.output(g.cast(value, "float32"), name);
  for (const [k, value] of encoded.memory.entries()) give(value, memory[k]!.name);
  for (const [k, value] of encoded.states.entries()) give(value, states[k]!.name);
  return serialize(prune(g));
}

export function languageModelGraphs(config: LanguageModelConfig, trained: Trained): InferenceGraphs {
  const g = new Graph();
  const decoder = languageModelStep(weights(g, trained), config);
  addSearch(g, { decoder, special: trained.special });
  return { decoder: decoderGraph(trained, g), memory: [], state: named(decoder.states) };
}

function decoderGraph(trained: Trained | Fed, g: Graph): Uint8Array {
  const graph = serialize(prune(g));
  // a GPU packs nothing, and would only hold copies
  if (isFed(trained) || trained.arithmetic === "fp16") return graph;
  const model = new EditableModel(graph);
  ownWeights(model);
  return model.encode();
}

function weights(g: Graph, from: Trained | Fed): Weights {
  return isFed(from) ? new FedWeights(g, from) : new StoredWeights(g, from.parameters, from);
}

function isFed(weights: Trained | Fed): weights is Fed {
  return !("parameters" in weights);
}
