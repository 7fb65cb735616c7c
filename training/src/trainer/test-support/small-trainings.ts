import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRecipe, type Recipe } from "../../recipe/index.js";
import { reversedWords } from "./reversed-words.js";

export const WORDS = ["red", "green", "blue", "small", "big", "dog", "cat", "bird", "runs", "sleeps"];

export const TRANSLATION = `
name: reverse
task: translation
data:
  folder: ''
  source: { language: en, train: train.a, valid: valid.a }
  target: { language: en, train: train.b, valid: valid.b }
tokenizer: { type: bpe, vocabularySize: 60 }
model: { embedding: 16, encoder: { hidden: 16 }, decoder: { hidden: 24 }, dropout: 0.1, tieEmbeddings: true }
training: { learningRate: 0.01, batchTokens: 200, maxSteps: 12, validateEvery: 5, averageCheckpoints: 2, threads: 1 }
`;

export const CTC = TRANSLATION.replace(
  /^model: .*$/m,
  "model: { kind: ctc, embedding: 16, encoder: { hidden: 16 }, upsample: 3, layersAfter: 2, dropout: { hidden: 0.1, output: 0.1, recurrent: 0.1, mask: sequence } }",
).replace("type: bpe", "type: char");

export const GENERATION = `
name: words
task: generation
data: { folder: '', language: en, train: train.a, valid: 0.1, windowLength: 20 }
tokenizer: { type: char, vocabularySize: 60, characterCoverage: 1, normalization: identity }
model: { embedding: 8, decoder: { layers: 2, hidden: 16 }, dropout: 0.1 }
training: { learningRate: 0.01, batchTokens: 200, maxEpochs: 1, validateEvery: 10, threads: 1 }
`;

/** A folder with text for these recipes. */
export const corpus = () => reversedWords({ words: WORDS, shortest: 1 });

/** Makes recipes that read the text of that folder. */
export function recipesOf(data: string): (text: string, ...set: string[]) => Recipe {
  return (text, ...set) => parseRecipe(text, { set: [`data=${data}`, ...set] });
}

/** A new place for a training. */
export const newFolder = () => mkdtemp(join(tmpdir(), "carousel-run-"));

export const silent = { onProgress: () => {} };
