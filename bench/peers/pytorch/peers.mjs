// The processes that are compared; each prints one JSON document.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** How PyTorch may compute the same thing; see recurrences.py. The compiler does not go into nn.LSTM. */
export const VARIANTS = ["lstm-cell", "lstm-layer", "hoisted", "lstm-cell+compile", "hoisted+compile"];

/**
 * glibc gives every tensor of some size back to the kernel when it is freed, and the next step pays for its pages again.
 * With these limits it keeps them. (The first may be 32 MiB at most.)
 */
export const KEEP_FREED_MEMORY = { MALLOC_MMAP_THRESHOLD_: String(2 ** 25), MALLOC_TRIM_THRESHOLD_: String(2 ** 32) };

/** Python with PyTorch in it: --python, or the virtual environment that README.md makes. */
export const pythonOption = { type: "string", default: file(".venv/bin/python") };

/** @param setting path of a file that holds the setting */
export function carousel(setting) {
  return documentOf(process.execPath, [file("carousel.mjs"), "--setting", setting]);
}

/** @param options.arguments what train.py is to do */
export function pytorch(python, { variant, threads, arguments: more }) {
  const [recurrence, compile] = variant.split("+");
  const flags = ["--recurrence", recurrence, ...(compile ? ["--compile"] : [])];
  return documentOf(python, [file("train.py"), ...flags, ...more], {
    OMP_NUM_THREADS: String(threads),
    ...KEEP_FREED_MEMORY,
  });
}

/** Calls `use` with a new folder and deletes it afterwards. */
export async function inTemporaryFolder(use) {
  const folder = await mkdtemp(join(tmpdir(), "carousel-peers-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws Error when the process cannot start or prints no document */
export async function documentOf(command, args, environment = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...environment } });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part) => {
    text += part;
  });
  const code = await new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new Error(`cannot start ${command}: ${error.message}; see README.md`)));
    child.on("close", resolve);
  });
  if (text === "") throw new Error(`${command} ${args.join(" ")} ended with ${code} and printed nothing`);
  return JSON.parse(text);
}

function file(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** The path of a script of this folder. */
export function script(name) {
  return file(name);
}
