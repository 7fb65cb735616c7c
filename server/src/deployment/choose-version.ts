import { createHash } from "node:crypto";
import { type Weights, weightOf } from "./deployments.js";

interface Version {
  readonly name: string;
  readonly version: string;
}

/**
 * The version that gets a request by name: by weight, and of the same key always the same while weights and versions
 * stay. Where no version has a weight it is the first.
 * @param versions of one name, at least one
 * @param key of the request: its id
 */
export function chooseVersion<T extends Version>(versions: readonly T[], weights: Weights, key: string): T {
  if (versions.length === 1) return versions[0]!;
  const total = weightOf(versions, weights);
  let left = fraction(`${versions[0]!.name}\n${key}`) * total;
  for (const each of [...versions].sort((a, b) => (a.version < b.version ? -1 : 1))) {
    left -= weights[each.version] ?? 0;
    if (left < 0) return each;
  }
  return versions[0]!;
}

/** In [0, 1), evenly, by the key alone. */
function fraction(key: string): number {
  return createHash("sha256").update(key).digest().readUIntBE(0, 6) / 2 ** 48;
}
