import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const SETPRIV = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--"];

export interface Start {
  /** What comes before the command. */
  readonly prefix: readonly string[];
  /** Whether the permissions of files bind the process. */
  readonly needsPermission: boolean;
}

let found: Promise<Start> | undefined;

/**
 * How a process is started that is bound by the permissions of files: as it is, or, for root, without the power to pass
 * them by where that can be taken from it.
 * @param script what it must still be able to read
 */
export function unprivileged(script: string): Promise<Start> {
  found ??= find(script);
  return found;
}

async function find(script: string): Promise<Start> {
  if (process.getuid?.() !== 0) return { prefix: [], needsPermission: true };
  const [program, ...args] = [...SETPRIV, process.execPath, "--check", script];
  return run(program!, args).then(
    () => ({ prefix: SETPRIV, needsPermission: true }),
    () => ({ prefix: [], needsPermission: false }),
  );
}
