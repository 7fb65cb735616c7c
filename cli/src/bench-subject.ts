import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { searchOptions } from "@carousel/server/gateway/validate";
import type { BenchText } from "@carousel/server/worker/bench";
import { type Arithmetic, randomBundleWord, SHAPES, type ShapeName, writeRandomBundle } from "@carousel/training";
import { benchSentences } from "./bench-sentences.js";
import { corpusLengths } from "./corpus-lengths.js";

/** A model, with sentences from a file or of everyday length; or a network of random weights. */
export interface SubjectOptions {
  readonly model: string;
  readonly source?: string;
  readonly shape?: ShapeName;
  /** Where a random bundle is kept. */
  readonly bundle?: string;
  readonly precision?: Arithmetic;
  /** Tokens on either side, with a shape. */
  readonly length: number;
}

/** A bundle and what it is given to translate. */
export interface Subject {
  readonly folder: string;
  readonly texts: readonly BenchText[];
  /** Texts of mixed length, as they arrive. */
  readonly mixed: readonly BenchText[];
}

/** A random bundle is gone afterwards, unless a place to keep it is given. */
export async function withSubject<T>(options: SubjectOptions, use: (subject: Subject) => Promise<T>): Promise<T> {
  const { shape, bundle: kept, precision: arithmetic = "fp32" } = options;
  if (!shape) return use(await shippedSubject(options));
  const folder = kept ?? (await mkdtemp(join(tmpdir(), "carousel-bench-")));
  try {
    const bundle = join(folder, `${shape}-${arithmetic}`);
    if (!existsSync(join(bundle, "manifest.json"))) {
      await writeRandomBundle({ folder: bundle, name: shape, config: SHAPES[shape], arithmetic });
    }
    const texts = Array.from({ length: 64 }, (_, n) =>
      randomText(n, { source: options.length, target: options.length }),
    );
    return await use({
      folder: bundle,
      texts,
      mixed: corpusLengths.map(([source, target], n) => randomText(n, { source, target })),
    });
  } finally {
    if (!kept) await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A source of so many tokens, eos included, and a translation of so many. Random weights repeat themselves, and what does would be
 * decoded twice, the second time against repetition: so it may.
 */
function randomText(n: number, { source, target }: { source: number; target: number }): BenchText {
  const words = Array.from({ length: source - 1 }, (_, k) => randomBundleWord((n * 31 + k * 17) % 4000));
  return { text: words.join(" "), options: searchOptions({ maxLength: target, allowLoops: true }) };
}

async function shippedSubject(options: SubjectOptions): Promise<Subject> {
  const { folder, sentences } = await benchSentences(options);
  const texts = sentences.map((text) => ({ text, options: searchOptions() }));
  return { folder, texts, mixed: texts };
}
