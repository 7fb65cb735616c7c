import { type Manifest, writeBundle } from "@carousel/bundle";
import { learnTokenizer } from "@carousel/tokenizer";
import { EOS, SPECIAL } from "../data/special.js";
import { seq2seqGraphs } from "../export/graphs.js";
import type { Arithmetic } from "../export/stored-weights.js";
import { SUPPRESSED, withoutSuppressed } from "../export/suppressed.js";
import type { Seq2SeqConfig } from "../models/seq2seq.js";
import { seq2seqTrainGraph } from "../models/train-graph.js";
import { Random } from "../random.js";
import { ParameterLayout } from "../trainer/parameters.js";

const plain = { attention: "general", inputFeeding: true, dropout: 0, tieEmbeddings: false } as const;

/** Networks that others have published speeds of. */
export const SHAPES = {
  /** Marian's LSTM s2s of this size: docs/performance.md. */
  standard: shape({ vocabulary: 8000, embedding: 256, hidden: 512, layers: 1 }),
  /** NVIDIA's GNMT v2 (4 + 4 layers of 1,024), but that attention is Luong's. */
  gnmt: shape({ vocabulary: 32000, embedding: 1024, hidden: 1024, layers: 4 }),
} as const satisfies Record<string, Seq2SeqConfig>;

export type ShapeName = keyof typeof SHAPES;

function shape(sizes: { vocabulary: number; embedding: number; hidden: number; layers: number }): Seq2SeqConfig {
  const { vocabulary, embedding, hidden, layers } = sizes;
  return {
    ...plain,
    sourceVocabulary: vocabulary,
    targetVocabulary: vocabulary,
    embedding,
    encoder: { cell: "lstm", layers, hidden: hidden / 2, bidirectional: true },
    decoder: { cell: "lstm", layers, hidden },
  };
}

/** A word that the tokenizers of a random bundle know, as one piece. */
export function randomBundleWord(n: number): string {
  return `w${n}`;
}

/**
 * Writes a bundle with random weights, to be timed: it is one like any other, but that its network never ends a sentence
 * of its own accord, so that a translation is as long as it may be.
 */
export function writeRandomBundle(options: {
  folder: string;
  name: string;
  config: Seq2SeqConfig;
  /** fp32 when absent. */
  arithmetic?: Arithmetic;
}): Promise<Manifest> {
  const { folder, name, config, arithmetic = "fp32" } = options;
  const layout = new ParameterLayout(seq2seqTrainGraph(config, { smoothing: 0 }).parameters);
  const random = layout.named(layout.initialize(new Random(1)));
  const parameters = withoutSuppressed(random, [...SUPPRESSED.decoder, EOS]);
  const { encoder, decoder, memory, state } = seq2seqGraphs(config, {
    parameters,
    precision: arithmetic,
    arithmetic,
    special: SPECIAL,
  });
  const vocabulary = { source: config.sourceVocabulary, target: config.targetVocabulary };
  const { sourceVocabulary, targetVocabulary, ...model } = config;
  return writeBundle({
    folder,
    manifest: {
      name,
      task: "translation",
      languages: { source: "xx", target: "xx" },
      special: SPECIAL,
      architecture: {
        ...model,
        kind: "seq2seq",
        cell: config.decoder.cell,
        parameters: layout.count,
        precision: arithmetic,
        ...(arithmetic === "fp16" ? { arithmetic } : {}),
      },
      tokenizer: { source: "source.model", target: "target.model" },
      vocabulary,
      graphs: { encoder: "encoder.onnx", decoder: "decoder.onnx" },
      state: state as Manifest["state"],
      memory: memory as Extract<Manifest, { task: "translation" }>["memory"],
      limits: { source: 256, target: 256 },
      metrics: {},
    },
    files: {
      "encoder.onnx": encoder!,
      "decoder.onnx": decoder,
      "source.model": wordModel(vocabulary.source),
      "target.model": wordModel(vocabulary.target),
    },
  });
}

/** A tokenizer whose pieces are the random words, as many as the vocabulary holds. */
function wordModel(vocabularySize: number): Uint8Array {
  const words = Array.from({ length: vocabularySize }, (_, n) => randomBundleWord(n));
  return learnTokenizer({ sentences: [words.join(" ")], type: "word", vocabularySize });
}
