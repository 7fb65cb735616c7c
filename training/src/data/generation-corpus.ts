import type { GenerationRecipe } from "../recipe/index.js";
import type { Epoch, TrainingData } from "./batch.js";
import { DataError } from "./data-error.js";
import { fingerprint } from "./fingerprint.js";
import { generationTraining, generationValidation } from "./generation-data.js";
import { resegmentedText, resegmentOf } from "./segmentation.js";
import { pathIn, readText } from "./text.js";
import { learnedTokenizer, type Tokenizer } from "./tokenizers.js";

export interface GenerationCorpus {
  readonly tokenizer: Tokenizer;
  readonly data: TrainingData;
  readonly validation: Epoch;
  /** Measured once, with the final parameters; when the recipe names a test file. */
  readonly test?: Epoch;
  /** Of all that is trained on and validated with. */
  readonly fingerprint: string;
  /** One line about what was read. */
  readonly summary: string;
}

/** Reads running text, learns or loads its tokenizer, and cuts it into windows. Throws DataError. */
export async function generationCorpus(recipe: GenerationRecipe, paths: { target: string }): Promise<GenerationCorpus> {
  const { train, valid } = await readSplits(recipe);
  // before the training, so that a fault in it shows now
  const test = recipe.data.test === undefined ? undefined : await readFull(recipe, recipe.data.test);
  const tokenizer = await learnedTokenizer({
    path: paths.target,
    sentences: () => passages(train),
    tokenizer: recipe.tokenizer,
  });
  const [trainTokens, validTokens] = [tokenize(train, tokenizer), tokenize(valid, tokenizer)];
  const testTokens = test === undefined ? undefined : tokenize(test, tokenizer);
  const { windowLength, validationLength = windowLength, windows } = recipe.data;
  const { batchTokens, seed } = recipe.training;
  const held = { windowLength: validationLength, batchTokens, windows };
  return {
    tokenizer,
    data: generationTraining(resegmentedText(trainTokens, { seed, draw: resegmentOf(tokenizer, recipe.tokenizer) }), {
      windowLength,
      windows,
      batchTokens,
      seed,
    }),
    validation: generationValidation(validTokens, held),
    ...(testTokens ? { test: generationValidation(testTokens, held) } : {}),
    fingerprint: fingerprint([trainTokens, validTokens]),
    summary:
      `${trainTokens.length} training tokens, ${validTokens.length} for validation` +
      (testTokens ? `, ${testTokens.length} for the test` : ""),
  };
}

/** The training and validation text of a recipe; a fraction for validation is taken from the end, in characters. */
export async function readSplits(recipe: GenerationRecipe): Promise<{ train: string; valid: string }> {
  const { train, valid } = recipe.data;
  const text = await readFull(recipe, train);
  if (typeof valid === "string") return { train: text, valid: await readFull(recipe, valid) };
  const characters = Array.from(text);
  const split = Math.floor(characters.length * (1 - valid));
  return { train: characters.slice(0, split).join(""), valid: characters.slice(split).join("") };
}

/** The text of a file that must have some; its lines end as on Unix. */
async function readFull({ data }: GenerationRecipe, file: string): Promise<string> {
  const path = pathIn(data.folder, file);
  const text = await readText(path);
  if (text === "") throw new DataError(`${path} is empty`);
  return text.replaceAll("\r\n", "\n");
}

/** A text cut after line ends, so that no passage is long; put together again they are the text. */
function passages(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function tokenize(text: string, tokenizer: Tokenizer): Int32Array {
  return Int32Array.from(passages(text).flatMap((p) => [...tokenizer.encode(p)]));
}
