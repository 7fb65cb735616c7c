import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BundleError } from "./bundle-error.js";
import { type BundleSearch, type Calibration, manifestSchema } from "./manifest.js";
import { readBundle } from "./read.js";

/** What held-out text has shown of a translation bundle. */
export interface Shown {
  readonly calibration?: Calibration;
  readonly search?: BundleSearch;
}

/** Writes into the manifest of a translation bundle what is given, beside what it has; its files and its version stay. @throws BundleError */
export async function calibrateBundle(folder: string, shown: Shown): Promise<void> {
  const { manifest } = await readBundle(folder);
  if (manifest.task !== "translation") {
    throw new BundleError(
      `${folder} is a ${manifest.task} bundle; only translations are searched for and have a confidence`,
    );
  }
  const calibrated = manifestSchema.parse({ ...manifest, ...shown });
  const path = join(folder, "manifest.json");
  await writeFile(`${path}.new`, `${JSON.stringify(calibrated, null, 2)}\n`);
  await rename(`${path}.new`, path);
}
