import { access } from "node:fs/promises";
import { learnTokenizer, Tokenizer } from "@carousel/tokenizer";
import { writeAtomically } from "../files.js";
import type { TokenizerOptions } from "../recipe/index.js";

export type { Tokenizer } from "@carousel/tokenizer";

/** The settings of one side: those of the recipe, with what it says of this side alone. */
export function sideOf(tokenizer: TokenizerOptions, side: "source" | "target"): TokenizerOptions {
  return { ...tokenizer, ...tokenizer[side] };
}

/** A tokenizer learned from sentences and kept in a file; when the file is already there it is loaded instead. */
export async function learnedTokenizer(options: {
  path: string;
  sentences: () => readonly string[];
  tokenizer: TokenizerOptions;
}): Promise<Tokenizer> {
  const { path, sentences, tokenizer } = options;
  const known = await access(path).then(
    () => true,
    () => false,
  );
  if (!known) {
    const { type, vocabularySize, characterCoverage, normalization, userDefinedSymbols, byteFallback } = tokenizer;
    const settings = { type, vocabularySize, characterCoverage, normalization, userDefinedSymbols, byteFallback };
    const model = learnTokenizer({ ...settings, sentences: sentences() });
    await writeAtomically(path, [model]);
  }
  return Tokenizer.load(path);
}
