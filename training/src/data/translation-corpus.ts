import { join } from "node:path";
import type { TranslationRecipe } from "../recipe/index.js";
import type { Epoch, TrainingData } from "./batch.js";
import { DataError } from "./data-error.js";
import { filterPairs, type ParallelText, readParallel, type TokenPair } from "./parallel.js";
import { readPatterned } from "./patterned.js";
import { learnedTokenizer, sideOf, type Tokenizer } from "./tokenizers.js";
import { translationTraining, translationValidation } from "./translation-data.js";

export interface TranslationCorpus {
  readonly tokenizers: { readonly source: Tokenizer; readonly target: Tokenizer };
  readonly data: TrainingData;
  readonly validation: Epoch;
  /** The validation sentences as text. */
  readonly held: ParallelText;
  /** One line about what was read. */
  readonly summary: string;
}

/** Reads parallel text, learns or loads its tokenizers, and makes batches of it. Throws DataError. */
export async function translationCorpus(
  recipe: TranslationRecipe,
  paths: { source: string; target: string; shared: string },
): Promise<TranslationCorpus> {
  const train = await readSplit(recipe, "train");
  const held = await readSplit(recipe, "valid");
  const tokenizers = await learnTokenizers(recipe, { paths, train });
  const tokenized = tokenize(train, tokenizers);
  const pairs = filterPairs(tokenized, recipe.data);
  if (pairs.length === 0) {
    throw new DataError(`no training pair is left of ${train.source.length}: see data.maxLength and data.maxRatio`);
  }
  const { batchTokens, seed } = recipe.training;
  return {
    tokenizers,
    data: translationTraining(pairs, { batchTokens, seed }),
    validation: translationValidation(tokenize(held, tokenizers), { batchTokens }),
    held,
    summary: `${pairs.length} training pairs (${train.source.length - pairs.length} left out), ${held.source.length} for validation`,
  };
}

/** Reads one split of the recipe's data. */
export async function readSplit({ data }: TranslationRecipe, split: "train" | "valid"): Promise<ParallelText> {
  if (data.pattern !== undefined) return readPatterned(join(data.folder, data.source[split]), data.pattern);
  return readParallel({ source: join(data.folder, data.source[split]), target: join(data.folder, data.target[split]) });
}

async function learnTokenizers(
  { tokenizer }: TranslationRecipe,
  { paths, train }: { paths: { source: string; target: string; shared: string }; train: ParallelText },
): Promise<TranslationCorpus["tokenizers"]> {
  if (tokenizer.shared) {
    const sentences = () => [...train.source, ...train.target];
    const both = await learnedTokenizer({ path: paths.shared, sentences, tokenizer });
    return { source: both, target: both };
  }
  return {
    source: await learnedTokenizer({
      path: paths.source,
      sentences: () => train.source,
      tokenizer: sideOf(tokenizer, "source"),
    }),
    target: await learnedTokenizer({
      path: paths.target,
      sentences: () => train.target,
      tokenizer: sideOf(tokenizer, "target"),
    }),
  };
}

function tokenize(text: ParallelText, { source, target }: TranslationCorpus["tokenizers"]): TokenPair[] {
  return text.source.map((s, i) => ({
    source: [...source.encode(s)],
    target: [...target.encode(text.target[i]!)],
  }));
}
