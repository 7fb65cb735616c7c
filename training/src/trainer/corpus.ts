import type { Epoch, TrainingData } from "../data/batch.js";
import { generationCorpus } from "../data/generation-corpus.js";
import type { ParallelText, TokenPair } from "../data/parallel.js";
import type { Tokenizer } from "../data/tokenizers.js";
import { translationCorpus } from "../data/translation-corpus.js";
import type { Recipe } from "../recipe/index.js";
import type { VocabularySizes } from "./from-recipe.js";
import type { RunFolder } from "./run-folder.js";
import { withoutAlignment } from "./without-alignment.js";

/** The data of a recipe, ready to train on. */
export interface Corpus {
  /** A language model has only a target. */
  readonly tokenizers: { readonly source?: Tokenizer; readonly target: Tokenizer };
  readonly tokenizerFiles: { readonly source?: string; readonly target: string };
  readonly vocabulary: VocabularySizes;
  readonly data: TrainingData;
  readonly validation: Epoch;
  /** Running text that is measured once, at the end; generation only. */
  readonly test?: Epoch;
  /** What is trained on; translation only. */
  readonly tokens?: { readonly train: readonly TokenPair[] };
  /** Those that stand often enough in the source side of the training split; translation only. */
  readonly words?: readonly string[];
  /** The validation sentences as text; translation only. */
  readonly held?: ParallelText;
  /** Of all that is trained on and validated with; a checkpoint of another text is not gone on from. */
  readonly fingerprint: string;
  readonly summary: string;
}

/** Reads the data of a recipe; tokenizers are learned into the run folder, or loaded when they are there. */
export async function readCorpus(recipe: Recipe, folder: RunFolder): Promise<Corpus> {
  const files = {
    source: folder.tokenizer("source"),
    target: folder.tokenizer("target"),
    shared: folder.tokenizer("shared"),
  };
  if (recipe.task === "generation") {
    const corpus = await generationCorpus(recipe, files);
    return {
      ...corpus,
      tokenizers: { target: corpus.tokenizer },
      tokenizerFiles: { target: files.target },
      vocabulary: { source: 0, target: corpus.tokenizer.size },
    };
  }
  const corpus = await translationCorpus(recipe, files);
  const { source, target } = corpus.tokenizers;
  return {
    ...corpus,
    summary: corpus.summary + withoutAlignment(recipe, corpus.tokens),
    tokenizerFiles: recipe.tokenizer.shared ? { source: files.shared, target: files.shared } : files,
    vocabulary: { source: source.size, target: target.size },
  };
}
