import { wordsSeen } from "../known-words/words-seen.js";
import type { TranslationRecipe } from "../recipe/index.js";
import type { Epoch, TrainingData } from "./batch.js";
import { DataError } from "./data-error.js";
import { checkTags, withExtraPairs, withTags } from "./extra-pairs.js";
import { fingerprint } from "./fingerprint.js";
import { describeLeftOut } from "./left-out.js";
import { filterPairs, type ParallelText, readParallel, type TokenPair } from "./parallel.js";
import { readPatterned } from "./patterned.js";
import { resegmentedPairs, resegmentOf } from "./segmentation.js";
import { pathIn } from "./text.js";
import { learnedTokenizer, sideOf, type Tokenizer } from "./tokenizers.js";
import { translationTraining, translationValidation } from "./translation-data.js";

export interface TranslationCorpus {
  readonly tokenizers: { readonly source: Tokenizer; readonly target: Tokenizer };
  readonly data: TrainingData;
  readonly validation: Epoch;
  /** What is trained on, and the validation sentences. */
  readonly tokens: { readonly train: readonly TokenPair[]; readonly valid: readonly TokenPair[] };
  /** Those that stand often enough in the source side of the training split. */
  readonly words: readonly string[];
  /** The validation sentences as text. */
  readonly held: ParallelText;
  /** Of all that is trained on and validated with. */
  readonly fingerprint: string;
  /** One line about what was read. */
  readonly summary: string;
}

/** Reads parallel text, learns or loads its tokenizers, and makes batches of it. Throws DataError. */
export async function translationCorpus(
  recipe: TranslationRecipe,
  paths: { source: string; target: string; shared: string },
): Promise<TranslationCorpus> {
  const read = await readSplit(recipe, "train");
  const held = await readSplit(recipe, "valid");
  if (held.source.every((source, k) => source.trim() === "" || held.target[k]!.trim() === "")) {
    throw new DataError("the validation text has no pair with text on both sides");
  }
  if (recipe.data.source.test !== undefined) await readSplit(recipe, "test"); // a fault in it shows before the training
  const { text: train, own, leftOut: unfit } = await withExtraPairs(read, recipe.data);
  if (train.source.length === 0) throw new DataError(`there is no training pair: ${describeLeftOut(unfit)}`);
  const tokenizers = await learnTokenizers(recipe, { paths, train });
  checkTags(tokenizers.source, recipe.data);
  const { kept: pairs, leftOut } = filterPairs(tokenize(train, tokenizers), recipe.data);
  const whatIsLeftOut = describeLeftOut(unfit, leftOut);
  if (pairs.length === 0) throw new DataError(`there is no training pair: ${whatIsLeftOut}`);
  const { batchTokens, seed } = recipe.training;
  const resegment = {
    source: resegmentOf(tokenizers.source, sideOf(recipe.tokenizer, "source")),
    target: resegmentOf(tokenizers.target, sideOf(recipe.tokenizer, "target")),
  };
  const tokens = { train: pairs, valid: tokenize(held, tokenizers) };
  return {
    tokenizers,
    tokens,
    data: translationTraining(resegmentedPairs(pairs, { seed, ...resegment }), { batchTokens, seed }),
    validation: translationValidation(tokens.valid, { batchTokens }),
    words: await wordsSeen(own.source),
    held,
    fingerprint: fingerprint([...tokens.train, ...tokens.valid].flatMap(({ source, target }) => [source, target])),
    summary: `${pairs.length} training pairs (${whatIsLeftOut}), ${held.source.length} for validation`,
  };
}

/** Reads one split of the recipe's data; there need not be a test split. */
export async function readSplit({ data }: TranslationRecipe, split: "train" | "valid" | "test"): Promise<ParallelText> {
  const [source, target] = [data.source[split], data.target[split]].map((file) => pathIn(data.folder, file ?? ""));
  return data.pattern === undefined
    ? readParallel({ source: source!, target: target! })
    : readPatterned(source!, data.pattern);
}

async function learnTokenizers(
  { tokenizer, data }: TranslationRecipe,
  { paths, train }: { paths: { source: string; target: string; shared: string }; train: ParallelText },
): Promise<TranslationCorpus["tokenizers"]> {
  if (tokenizer.shared) {
    const sentences = () => [...train.source, ...train.target];
    const both = await learnedTokenizer({ path: paths.shared, sentences, tokenizer: withTags(tokenizer, data) });
    return { source: both, target: both };
  }
  return {
    source: await learnedTokenizer({
      path: paths.source,
      sentences: () => train.source,
      tokenizer: withTags(sideOf(tokenizer, "source"), data),
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
