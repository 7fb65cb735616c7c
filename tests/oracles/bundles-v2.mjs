// Writes the frozen bundles of format version 2 from random weights, with the tokenizers of format version 1:
//   node tests/oracles/bundles-v2.mjs
import { readFile } from "node:fs/promises";
import { writeBundle } from "@carousel/bundle";
import { languageModelGraphs, seq2seqGraphs } from "@carousel/training/export/graphs";
import { withoutSuppressed } from "@carousel/training/export/suppressed";
import { languageModelTrainGraph, seq2seqTrainGraph } from "@carousel/training/models/train-graph";
import { Random } from "@carousel/training/random";
import { ParameterLayout } from "@carousel/training/trainer/parameters";

const fixtures = new URL("../fixtures/", import.meta.url);
const special = { pad: 0, unk: 1, bos: 2, eos: 3 };
const model = { embedding: 8, cell: "lstm", dropout: 0, tieEmbeddings: false };

/** Weights three times as large as training begins with, so that what comes next depends on what came before. */
function trained(specs, seed) {
  const layout = new ParameterLayout(specs);
  const flat = layout.initialize(new Random(seed)).map((x) => 3 * x);
  return { parameters: withoutSuppressed(layout.named(flat)), precision: "fp16", special };
}

const common = (kind) => ({ architecture: { kind, ...model, note: "random weights" }, special, metrics: {} });
const file = (path) => readFile(new URL(path, fixtures));
const folder = (name) => new URL(`bundles-v2/${name}`, fixtures).pathname;

const translation = {
  ...model,
  attention: "general",
  inputFeeding: true,
  sourceVocabulary: 21,
  targetVocabulary: 26,
  encoder: { layers: 1, hidden: 8, bidirectional: true, cell: "lstm" },
  decoder: { layers: 1, hidden: 16, cell: "lstm" },
};
const graphs = seq2seqGraphs(translation, trained(seq2seqTrainGraph(translation, { smoothing: 0 }).parameters, 1));
await writeBundle({
  folder: folder("v2-tiny-translation"),
  manifest: {
    ...common("seq2seq"),
    name: "v2-tiny-translation",
    task: "translation",
    languages: { source: "ja", target: "en" },
    tokenizer: { source: "source.model", target: "target.model" },
    vocabulary: { source: 21, target: 26 },
    graphs: { encoder: "encoder.onnx", decoder: "decoder.onnx" },
    memory: graphs.memory,
    state: graphs.state,
    limits: { source: 40, target: 40 },
  },
  files: {
    "encoder.onnx": graphs.encoder,
    "decoder.onnx": graphs.decoder,
    "source.model": await file("bundles/v1-tiny-translation/source.model"),
    "target.model": await file("bundles/v1-tiny-translation/target.model"),
  },
});

const language = { ...model, vocabulary: 26, layers: 1, hidden: 16 };
const generator = languageModelGraphs(
  language,
  trained(languageModelTrainGraph(language, { smoothing: 0 }).parameters, 2),
);
await writeBundle({
  folder: folder("v2-tiny-generation"),
  manifest: {
    ...common("language-model"),
    name: "v2-tiny-generation",
    task: "generation",
    languages: { target: "en" },
    tokenizer: { target: "target.model" },
    vocabulary: { target: 26 },
    graphs: { decoder: "decoder.onnx" },
    memory: [],
    state: generator.state,
    limits: { target: 200 },
  },
  files: {
    "decoder.onnx": generator.decoder,
    "target.model": await file("bundles/v1-tiny-generation/target.model"),
  },
});
