// Made the frozen bundle v1-tiny-ctc of format version 1 under tests/fixtures/ctc-bundles: a model whose encoder writes all tokens
// into the memory, and whose decoder reads them. It is loaded by tests for ever. Run after a build:
// node tests/oracles/make-tiny-ctc-bundle.mjs
import { writeBundle } from "@carousel/bundle";
import { learnTokenizer, SPECIAL, Tokenizer } from "@carousel/tokenizer";
import { ctcGraphs } from "@carousel/training/export/graphs";
import { SUPPRESSED, withoutSuppressed } from "@carousel/training/export/suppressed";
import { ctcTrainGraph } from "@carousel/training/models/train-graph";
import { Random } from "@carousel/training/random";
import { ParameterLayout } from "@carousel/training/trainer/parameters";

const japanese = ["彼は医者です。", "私は学生です。", "これは本です。", "それは何ですか。"];
const english = ["He is a doctor.", "I am a student.", "This is a book.", "What is that?"];
const tokenizerOf = (sentences) =>
  learnTokenizer({ sentences, type: "char", vocabularySize: 60, characterCoverage: 1, normalization: "identity" });
const [source, target] = [tokenizerOf(japanese), tokenizerOf(english)];
const config = {
  sourceVocabulary: (await Tokenizer.fromBytes(source)).size,
  targetVocabulary: (await Tokenizer.fromBytes(target)).size,
  embedding: 8,
  encoder: { cell: "lstm", layers: 1, hidden: 6, bidirectional: true },
  upsample: 2,
  layersAfter: 0,
  cell: "lstm",
  dropout: 0,
};
const layout = new ParameterLayout(ctcTrainGraph(config).parameters);
// larger than first values usually are, so that the random model has opinions
const parameters = layout.named(layout.initialize(new Random(7)).map((x) => 6 * x));
const trained = { parameters: withoutSuppressed(parameters, SUPPRESSED.frames), precision: "fp16", special: SPECIAL };
const graphs = ctcGraphs(config, trained);
await writeBundle({
  folder: new URL("../fixtures/ctc-bundles/v1-tiny-ctc", import.meta.url).pathname,
  manifest: {
    name: "v1-tiny-ctc",
    task: "translation",
    languages: { source: "ja", target: "en" },
    architecture: { kind: "ctc", note: "random weights" },
    tokenizer: { source: "source.model", target: "target.model" },
    vocabulary: { source: config.sourceVocabulary, target: config.targetVocabulary },
    special: SPECIAL,
    graphs: { encoder: "encoder.onnx", decoder: "decoder.onnx" },
    memory: graphs.memory,
    state: graphs.state,
    limits: { source: 40, target: 80 },
    metrics: {},
  },
  files: {
    "encoder.onnx": graphs.encoder,
    "decoder.onnx": graphs.decoder,
    "source.model": source,
    "target.model": target,
  },
});
