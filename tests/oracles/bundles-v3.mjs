// Writes the frozen bundles of format version 3, which have a shortlist, in fp32 and in int8, from random weights, with the
// tokenizers of format version 1; a language model of format 3 is one of format 2:
//   node tests/oracles/bundles-v3.mjs
import { readFile } from "node:fs/promises";
import { encodeLexicon, writeBundle } from "@carousel/bundle";
import { seq2seqGraphs } from "@carousel/training/export/graphs";
import { withoutSuppressed } from "@carousel/training/export/suppressed";
import { seq2seqTrainGraph } from "@carousel/training/models/train-graph";
import { quantizeBundle } from "@carousel/training/quantization/quantize-bundle";
import { Random } from "@carousel/training/random";
import { ParameterLayout } from "@carousel/training/trainer/parameters";

const fixtures = new URL("../fixtures/", import.meta.url);
const special = { pad: 0, unk: 1, bos: 2, eos: 3 };
const vocabulary = { source: 21, target: 26 };
const model = {
  embedding: 8,
  dropout: 0,
  tieEmbeddings: true,
  attention: "general",
  inputFeeding: true,
  encoder: { layers: 1, hidden: 8, bidirectional: true, cell: "lstm" },
  decoder: { layers: 1, hidden: 16, cell: "lstm" },
};
const config = { ...model, sourceVocabulary: vocabulary.source, targetVocabulary: vocabulary.target };

// weights three times as large as training begins with, so that what comes next depends on what came before
const layout = new ParameterLayout(seq2seqTrainGraph(config, { smoothing: 0 }).parameters);
const flat = layout.initialize(new Random(1)).map((x) => 3 * x);
const parameters = withoutSuppressed(layout.named(flat));
const graphs = seq2seqGraphs(config, { parameters, precision: "fp16", special, shortlist: "taken" });

const random = new Random(3);
const some = (count) =>
  [...new Set(Array.from({ length: count }, () => 4 + random.below(vocabulary.target - 4)))].sort((a, b) => a - b);
const lexicon = {
  common: [special.eos, ...some(4)],
  translations: Array.from({ length: vocabulary.source }, () => some(random.below(4))),
};

const file = (path) => readFile(new URL(path, fixtures));
const folder = (name) => new URL(`bundles-v3/${name}`, fixtures).pathname;
await writeBundle({
  folder: folder("v3-tiny-translation"),
  manifest: {
    architecture: { kind: "seq2seq", cell: "lstm", ...model, precision: "fp16", note: "random weights" },
    special,
    metrics: {},
    name: "v3-tiny-translation",
    task: "translation",
    languages: { source: "ja", target: "en" },
    tokenizer: { source: "source.model", target: "target.model" },
    vocabulary,
    graphs: { encoder: "encoder.onnx", decoder: "decoder.onnx" },
    shortlist: "shortlist.bin",
    memory: graphs.memory,
    state: graphs.state,
    limits: { source: 40, target: 40 },
  },
  files: {
    "encoder.onnx": graphs.encoder,
    "decoder.onnx": graphs.decoder,
    "shortlist.bin": encodeLexicon(lexicon),
    "source.model": await file("bundles/v1-tiny-translation/source.model"),
    "target.model": await file("bundles/v1-tiny-translation/target.model"),
  },
});
await quantizeBundle({ folder: folder("v3-tiny-translation"), out: folder("v3-tiny-int8") });
