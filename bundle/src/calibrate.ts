import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BundleError } from "./bundle-error.js";
import { type Calibration, manifestSchema } from "./manifest.js";
import { readBundle } from "./read.js";

/** Writes a calibration into the manifest of a translation bundle; its files and its version stay. @throws BundleError */
export async function calibrateBundle(folder: string, calibration: Calibration): Promise<void> {
  const { manifest } = await readBundle(folder);
  if (manifest.task !== "translation") {
    throw new BundleError(`${folder} is a ${manifest.task} bundle; only translations have a confidence`);
  }
  const calibrated = manifestSchema.parse({ ...manifest, calibration });
  const path = join(folder, "manifest.json");
  await writeFile(`${path}.new`, `${JSON.stringify(calibrated, null, 2)}\n`);
  await rename(`${path}.new`, path);
}
