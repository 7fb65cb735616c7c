import type { Manifest } from "@carousel/bundle";
import { readPretrained } from "../trainer/pretrained.js";
import { compareGraphs } from "./compare-graphs.js";
import { graphsOfBundle } from "./graphs-of-bundle.js";
import { ParityError, TOLERANCE } from "./parity.js";
import { readGraphs, rewriteBundle } from "./rewrite-bundle.js";

/**
 * Writes the graphs of a bundle anew around its own weights, in the newest format, in the place of the old ones.
 * @throws RecipeError when the bundle does not say what its network is, BundleError when it is damaged, ParityError when
 * the new graphs do not say what the old ones say
 */
export async function upgradeBundle(folder: string): Promise<{ before: Manifest; after: Manifest; parity: number }> {
  const { bundle, weights } = await readPretrained(folder);
  const before = bundle.manifest;
  const graphs = graphsOfBundle(before, { weights });
  const parity = await compareGraphs(before, { old: await readGraphs(bundle), fresh: graphs });
  // a number that is not one must not pass
  if (!(parity <= TOLERANCE)) {
    throw new ParityError(
      `${before.name}: the new graphs differ from the old by ${parity} nats a token: nothing is written`,
    );
  }
  const after = await rewriteBundle({ bundle, folder, graphs, manifest: before });
  return { before, after, parity };
}
