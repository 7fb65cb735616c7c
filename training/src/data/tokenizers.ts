import { access } from "node:fs/promises";
import { learnTokenizer, Tokenizer } from "@carousel/tokenizer";
import { writeAtomically } from "../files.js";
import type { TokenizerOptions } from "../recipe/index.js";

export type { Tokenizer } from "@carousel/tokenizer";

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
    const { shared: _, ...settings } = tokenizer;
    const model = learnTokenizer({ ...settings, sentences: sentences() });
    await writeAtomically(path, [model]);
  }
  return Tokenizer.load(path);
}
