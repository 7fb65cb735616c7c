import { join } from "node:path";
import { readBundle } from "@carousel/bundle";
import { type BenchEngine, type BenchText, benchDecode, type DecodeBench } from "@carousel/server/worker/bench";
import { addShortlist, quantizeBundle, randomBundleWord } from "@carousel/training";
import { InputError } from "./input-error.js";
import { bundleFolder } from "./options.js";

/** A bundle, and whether its shortlist is used. */
interface Variant {
  readonly name: "fp32" | "int8" | "int8 + shortlist";
  readonly folder: string;
  readonly shortlist: "on" | "off";
}

export interface PrecisionRow extends Omit<DecodeBench, "runs"> {
  readonly variant: Variant["name"];
  /** Tokens/s, of the float bundle's at the same batch and beam. */
  readonly timesFp32: number;
}

export interface PrecisionOptions extends BenchEngine {
  readonly texts: readonly BenchText[];
  readonly batches: readonly number[];
  readonly beams: readonly number[];
  readonly runs: number;
  readonly onRow: (row: PrecisionRow) => void;
}

/** Times the same texts in floats, in int8, and in int8 with a shortlist, one right after the other for each batch and beam. */
export async function benchPrecisions(
  variants: readonly Variant[],
  { texts, batches, beams, runs, onRow, ...engine }: PrecisionOptions,
): Promise<PrecisionRow[]> {
  const rows: PrecisionRow[] = [];
  for (const [batch, beam] of batches.flatMap((n) => beams.map((b) => [n, b] as const))) {
    let fp32 = 0;
    for (const { name, folder, shortlist } of variants) {
      const asked = texts.map(({ text, options }) => ({
        text,
        options: shortlist === "off" ? { ...options, shortlist } : options,
      }));
      const bench = { ...engine, folder, texts: asked, batches: [batch], beams: [beam], runs };
      const [{ runs: _, ...row }] = (await benchDecode(bench)) as [DecodeBench];
      if (name === "fp32") fp32 = row.tokensPerSecond;
      rows.push({ ...row, variant: name, timesFp32: row.tokensPerSecond / fp32 });
      onRow(rows.at(-1)!);
    }
  }
  return rows;
}

function floatsOf(folder: string, model: string): string {
  try {
    return bundleFolder(`float/${model}`);
  } catch (error) {
    const why = (error as Error).message;
    throw new InputError(`${folder} is in int8, and is compared with the float bundle, which must be named: ${why}`);
  }
}

/** What a model is compared as: its float bundle, made int8 in `work` unless it is; a shipped one has its floats beside it. */
export async function variantsOf(folder: string, { work, model }: { work: string; model: string }): Promise<Variant[]> {
  const { manifest } = await readBundle(folder);
  const isInt8 = manifest.architecture.precision === "int8";
  const float = isInt8 ? floatsOf(folder, model) : folder;
  const int8 = isInt8 ? folder : join(work, "int8");
  if (!isInt8) await quantizeBundle({ folder, out: int8 });
  const listed = manifest.task === "translation" && manifest.shortlist !== undefined;
  return [
    { name: "fp32", folder: float, shortlist: "off" },
    { name: "int8", folder: int8, shortlist: "off" },
    ...(listed ? [{ name: "int8 + shortlist", folder: int8, shortlist: "on" } as const] : []),
  ];
}

const LINES = 10_000;
const WORDS = 4000;

/** Gives a random bundle a shortlist, learned from lines in which each word becomes another and its neighbours vary. */
export async function listRandomBundle(folder: string, { out }: { out: string }): Promise<void> {
  const words = Array.from({ length: LINES }, (_, n) =>
    Array.from({ length: 12 }, (_, k) => (n * 97 + k * k * 31) % WORDS),
  );
  const line = (ids: readonly number[]) => ids.map(randomBundleWord).join(" ");
  const text = {
    source: words.map(line),
    target: words.map((ids) => line(ids.map((id) => (id * 7) % (2 * WORDS - 8)))),
  };
  await addShortlist({ folder, out, text });
}
