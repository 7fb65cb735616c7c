import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Bundle, Manifest } from "@carousel/bundle";
import { type Pretrained, readPretrained } from "../trainer/pretrained.js";
import { graphsOfBundle } from "./graphs-of-bundle.js";
import { rewriteBundle } from "./rewrite-bundle.js";

/** Two bundles that have no weights in common to average. */
export class AverageError extends Error {
  override readonly name = "AverageError";
}

export interface AverageOptions {
  /** Two bundles of one network and the same tokenizers, one trained on from the other or both from a third. */
  readonly folders: readonly [string, string];
  /** Of the second one's weights, in 0…1. */
  readonly share: number;
  /** The new bundle's folder. All but the weights it has from the second. */
  readonly out: string;
}

/**
 * Writes a bundle whose weights are (1 − share) × the first one's + share × the second one's: between a model and what further
 * training made of it lie models that keep much of what both can do (Wortsman et al. 2022, WiSE-FT). What was measured of the
 * second, its calibration and how it is best searched are left out.
 * @throws BundleError when a bundle is none or damaged, AverageError when one is in int8 or the two do not fit, RecipeError when they do not say
 * what their network is
 */
export async function averageBundles({ folders, share, out }: AverageOptions): Promise<Manifest> {
  const [first, second] = [await readPretrained(folders[0]), await readPretrained(folders[1])];
  for (const { bundle } of [first, second]) requireFloats(bundle);
  await requireAlike(first, second);
  const weights: Pretrained["weights"] = new Map(
    [...second.weights].map(([name, { shape, data }]) => {
      const other = first.weights.get(name)!.data;
      // what both rule out is −∞ in both
      return [name, { shape, data: data.map((w, i) => (w === other[i] ? w : (1 - share) * other[i]! + share * w)) }];
    }),
  );
  const { bundle } = second;
  const graphs = graphsOfBundle(bundle.manifest, { weights });
  const known = Object.entries(bundle.manifest).filter(([key]) => !OF_THE_WEIGHTS.includes(key));
  const manifest = { ...(Object.fromEntries(known) as Manifest), metrics: {} };
  const written = await rewriteBundle({ bundle, folder: out, graphs, manifest });
  await appendFile(join(out, "README.md"), section(first.bundle.manifest, bundle.manifest, share));
  return written;
}

/** For the model card, which is the second one's. */
function section(first: Manifest, second: Manifest, share: number): string {
  const name = ({ name, version }: Manifest) => `${name}, version ${version}`;
  return `
## Average

The weights are ${Number((1 - share).toFixed(6))} × those of ${name(first)}, and ${share} × those of ${name(second)} (\`carousel average\`). What
is said above of the validation split and of graphs that agree is of the latter.
`;
}

/** What a manifest says of the weights, and no longer of others. */
const OF_THE_WEIGHTS = ["calibration", "search"];

function requireFloats({ folder, manifest }: Bundle): void {
  if (manifest.architecture.precision !== "int8") return;
  throw new AverageError(
    `${folder} is in int8: averaged are bundles in fp16 or fp32, such as the one it was quantized from`,
  );
}

async function requireAlike(first: Pretrained, second: Pretrained): Promise<void> {
  const [a, b] = [first.bundle, second.bundle];
  const differ = (what: string): never => {
    throw new AverageError(
      `${a.folder} and ${b.folder} have different ${what}: only bundles of one network can be averaged`,
    );
  };
  for (const key of ["task", "languages", "vocabulary", "special"] as const) {
    if (!isDeepStrictEqual(a.manifest[key], b.manifest[key])) differ(key);
  }
  const [x, y] = [await tokenizersOf(a), await tokenizersOf(b)];
  if (!isDeepStrictEqual(x, y)) differ("tokenizers");
  const shapes = ({ weights }: Pretrained) => new Map([...weights].map(([name, { shape }]) => [name, shape]));
  if (!isDeepStrictEqual(shapes(first), shapes(second))) differ("weights");
}

function tokenizersOf({ manifest, path }: Bundle): Promise<Buffer[]> {
  return Promise.all(Object.values(manifest.tokenizer).map((file) => readFile(path(file))));
}
