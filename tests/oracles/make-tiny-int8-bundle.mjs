// Writes the frozen bundles whose decoder has a Scan of its own for runs of which nothing is asked, in fp32 and in int8, from
// random weights, with the tokenizers of format version 1:
//   node tests/oracles/make-tiny-int8-bundle.mjs
import { readFile } from "node:fs/promises";
import { writeBundle } from "@carousel/bundle";
import { seq2seqGraphs } from "@carousel/training/export/graphs";
import { withoutSuppressed } from "@carousel/training/export/suppressed";
import { seq2seqTrainGraph } from "@carousel/training/models/train-graph";
import { quantizeBundle } from "@carousel/training/quantization/quantize-bundle";
import { Random } from "@carousel/training/random";
import { ParameterLayout } from "@carousel/training/trainer/parameters";

const fixtures = new URL("../fixtures/", import.meta.url);
const file = (path) => readFile(new URL(path, fixtures));
const folder = (name) => new URL(`bundles-v2/${name}`, fixtures).pathname;

const special = { pad: 0, unk: 1, bos: 2, eos: 3 };
const vocabulary = { source: 21, target: 26 };
const model = {
  embedding: 8,
  dropout: 0,
  tieEmbeddings: false,
  attention: "general",
  inputFeeding: true,
  encoder: { layers: 1, hidden: 8, bidirectional: true, cell: "lstm" },
  decoder: { layers: 1, hidden: 16, cell: "lstm" },
};
const config = { ...model, sourceVocabulary: vocabulary.source, targetVocabulary: vocabulary.target };

// weights three times as large as training begins with, so that what comes next depends on what came before
const layout = new ParameterLayout(seq2seqTrainGraph(config, { smoothing: 0 }).parameters);
const flat = layout.initialize(new Random(3)).map((x) => 3 * x);
const { encoder, decoder, memory, state } = seq2seqGraphs(config, {
  parameters: withoutSuppressed(layout.named(flat), [special.pad, special.bos]),
  precision: "fp32",
  special,
});
await writeBundle({
  folder: folder("v2-tiny-scans"),
  manifest: {
    architecture: { ...model, kind: "seq2seq", cell: "lstm", precision: "fp32", note: "random weights" },
    metrics: {},
    special,
    name: "v2-tiny-scans",
    task: "translation",
    languages: { source: "ja", target: "en" },
    tokenizer: { source: "source.model", target: "target.model" },
    vocabulary,
    graphs: { encoder: "encoder.onnx", decoder: "decoder.onnx" },
    memory,
    state,
    limits: { source: 40, target: 40 },
  },
  files: {
    "encoder.onnx": encoder,
    "decoder.onnx": decoder,
    "source.model": await file("bundles/v1-tiny-translation/source.model"),
    "target.model": await file("bundles/v1-tiny-translation/target.model"),
  },
});
await quantizeBundle({ folder: folder("v2-tiny-scans"), out: folder("v2-tiny-int8") });
