// Made the frozen bundles of format version 1 under tests/fixtures/bundles. They are loaded by tests for ever: a later format
// gets bundles of its own, and these stay. Run after a build: node tests/oracles/make-tiny-bundles.mjs
import { writeBundle } from "@carousel/bundle";
import { learnTokenizer, SPECIAL } from "@carousel/tokenizer";
import { languageModelGraphs, seq2seqGraphs } from "@carousel/training/export/graphs";
import { withoutSuppressed } from "@carousel/training/export/suppressed";
import { languageModelTrainGraph, seq2seqTrainGraph } from "@carousel/training/models/train-graph";
import { Random } from "@carousel/training/random";
import { ParameterLayout } from "@carousel/training/trainer/parameters";

const japanese = ["彼は医者です。", "私は学生です。", "これは本です。", "それは何ですか。"];
const english = ["He is a doctor.", "I am a student.", "This is a book.", "What is that?"];
const tokenizerOf = (sentences) =>
  learnTokenizer({ sentences, type: "char", vocabularySize: 60, characterCoverage: 1, normalization: "identity" });
const folder = (name) => new URL(`../fixtures/bundles/${name}`, import.meta.url).pathname;

const trained = (graph, seed) => {
  const layout = new ParameterLayout(graph.parameters);
  // larger than first values usually are, so that the random models have opinions
  const flat = layout.initialize(new Random(seed)).map((x) => 4 * x);
  return { parameters: withoutSuppressed(layout.named(flat)), precision: "fp16", special: SPECIAL };
};
const size = async (model) => {
  const { Tokenizer } = await import("@carousel/tokenizer");
  return (await Tokenizer.fromBytes(model)).size;
};

const source = tokenizerOf(japanese);
const target = tokenizerOf(english);
const config = {
  sourceVocabulary: await size(source),
  targetVocabulary: await size(target),
  embedding: 8,
  encoder: { cell: "lstm", layers: 1, hidden: 6, bidirectional: true },
  decoder: { cell: "lstm", layers: 1, hidden: 10 },
  attention: "general",
  inputFeeding: true,
  dropout: 0,
  tieEmbeddings: false,
};
const translation = seq2seqGraphs(config, trained(seq2seqTrainGraph(config, { smoothing: 0 }), 7));
await writeBundle({
  folder: folder("v1-tiny-translation"),
  manifest: {
    name: "v1-tiny-translation",
    task: "translation",
    languages: { source: "ja", target: "en" },
    architecture: { kind: "seq2seq", note: "random weights" },
    tokenizer: { source: "source.model", target: "target.model" },
    vocabulary: { source: config.sourceVocabulary, target: config.targetVocabulary },
    special: SPECIAL,
    graphs: { encoder: "encoder.onnx", decoder: "decoder.onnx" },
    memory: translation.memory,
    state: translation.state,
    limits: { source: 40, target: 40 },
    metrics: {},
  },
  files: {
    "encoder.onnx": translation.encoder,
    "decoder.onnx": translation.decoder,
    "source.model": source,
    "target.model": target,
  },
});

const lm = {
  vocabulary: config.targetVocabulary,
  embedding: 8,
  cell: "lstm",
  layers: 2,
  hidden: 10,
  dropout: 0,
  tieEmbeddings: false,
};
const generation = languageModelGraphs(lm, trained(languageModelTrainGraph(lm, { smoothing: 0 }), 8));
await writeBundle({
  folder: folder("v1-tiny-generation"),
  manifest: {
    name: "v1-tiny-generation",
    task: "generation",
    languages: { target: "en" },
    architecture: { kind: "language-model", note: "random weights" },
    tokenizer: { target: "target.model" },
    vocabulary: { target: lm.vocabulary },
    special: SPECIAL,
    graphs: { decoder: "decoder.onnx" },
    memory: [],
    state: generation.state,
    limits: { target: 200 },
    metrics: {},
  },
  files: { "decoder.onnx": generation.decoder, "target.model": target },
});
