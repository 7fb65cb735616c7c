import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const carousel = (...flags: string[]) => promisify(execFile)(process.execPath, [path("cli/dist/main.js"), ...flags]);

it("does not compare a bundle with itself", async () => {
  const bundle = path("tests/fixtures/bundles-v2/v2-tiny-translation");
  const text = ["--source", path("README.md"), "--reference", path("README.md")];
  await expect(carousel("quantize", bundle, "--out", `${bundle}/`, ...text)).rejects.toThrow(
    "--source compares two bundles: --out must name another folder",
  );
});
