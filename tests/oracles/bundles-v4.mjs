// Writes the frozen bundles of format version 4, in which an encoder that chooses the tokens takes a shortlist, in fp32 and in
// int8, from random weights, with the tokenizers of v1-tiny-ctc; what has a decoder is in format 4 what it is in format 3:
//   node tests/oracles/bundles-v4.mjs
import { readFile } from "node:fs/promises";
import { encodeLexicon, readBundle, writeBundle } from "@carousel/bundle";
import { ctcGraphs } from "@carousel/training/export/graphs";
import { SUPPRESSED, withoutSuppressed } from "@carousel/training/export/suppressed";
import { ctcTrainGraph } from "@carousel/training/models/train-graph";
import { quantizeBundle } from "@carousel/training/quantization/quantize-bundle";
import { Random } from "@carousel/training/random";
import { ParameterLayout } from "@carousel/training/trainer/parameters";

const fixtures = new URL("../fixtures/", import.meta.url);
const { manifest: old, path } = await readBundle(new URL("ctc-bundles/v1-tiny-ctc", fixtures).pathname);
const { vocabulary, special } = old;
const model = {
  embedding: 8,
  dropout: 0,
  cell: "lstm",
  encoder: { layers: 1, hidden: 8, bidirectional: true, cell: "lstm" },
  upsample: 2,
  layersAfter: 1,
};
const config = { ...model, sourceVocabulary: vocabulary.source, targetVocabulary: vocabulary.target };

// larger than first values usually are, so that the random model has opinions
const layout = new ParameterLayout(ctcTrainGraph(config).parameters);
const parameters = layout.named(layout.initialize(new Random(7)).map((x) => 6 * x));
const trained = { parameters: withoutSuppressed(parameters, SUPPRESSED.frames), precision: "fp16", special };
const graphs = ctcGraphs(config, { ...trained, shortlist: "taken" });

const random = new Random(3);
const words = (count) => Array.from({ length: count }, () => 4 + random.below(vocabulary.target - 4));
const listed = (ids) => [...new Set(ids)].sort((a, b) => a - b);
const BLANK = special.pad;
const lexicon = {
  common: listed([BLANK, ...words(4)]),
  translations: Array.from({ length: vocabulary.source }, () => listed(words(random.below(4)))),
};

const folder = (name) => new URL(`bundles-v4/${name}`, fixtures).pathname;
await writeBundle({
  folder: folder("v4-tiny-ctc"),
  manifest: {
    architecture: { kind: "ctc", ...model, precision: "fp16", note: "random weights" },
    special,
    metrics: {},
    name: "v4-tiny-ctc",
    task: "translation",
    languages: { source: "ja", target: "en" },
    tokenizer: { source: "source.model", target: "target.model" },
    vocabulary,
    graphs: { encoder: "encoder.onnx", decoder: "decoder.onnx" },
    shortlist: "shortlist.bin",
    memory: graphs.memory,
    state: graphs.state,
    limits: { source: 40, target: 80 },
  },
  files: {
    "encoder.onnx": graphs.encoder,
    "decoder.onnx": graphs.decoder,
    "shortlist.bin": encodeLexicon(lexicon),
    "source.model": await readFile(path("source.model")),
    "target.model": await readFile(path("target.model")),
  },
});
await quantizeBundle({ folder: folder("v4-tiny-ctc"), out: folder("v4-tiny-int8") });
