import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../../random.js";

const SPLITS = [
  ["train", 300],
  ["valid", 20],
] as const;

/**
 * A folder of parallel text: sentences of random words (train.a, valid.a), the same words in reverse (.b), and each sentence
 * twice (.c).
 * @param options.shortest words of the shortest sentence; the longest has four more
 */
export async function reversedWords(options: { words: readonly string[]; shortest: number }): Promise<string> {
  const { words, shortest } = options;
  const folder = await mkdtemp(join(tmpdir(), "carousel-corpus-"));
  const random = new Random(1);
  const lines = (sentences: readonly string[]) => sentences.map((s) => `${s}\n`).join("");
  for (const [split, size] of SPLITS) {
    const sentences = Array.from({ length: size }, () =>
      Array.from({ length: shortest + random.below(5) }, () => words[random.below(words.length)]!),
    );
    await writeFile(join(folder, `${split}.a`), lines(sentences.map((s) => s.join(" "))));
    await writeFile(join(folder, `${split}.b`), lines(sentences.map((s) => s.toReversed().join(" "))));
    await writeFile(join(folder, `${split}.c`), lines(sentences.map((s) => s.join(" ").repeat(2))));
  }
  return folder;
}
