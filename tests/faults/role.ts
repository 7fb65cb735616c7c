import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { unprivileged } from "./unprivileged.js";

const run = promisify(execFile);

const main = fileURLToPath(new URL("../../../cli/bin/carousel.mjs", import.meta.url));
/** What makes a size tell what is held: garbage is collected, and the young generation, whose room changes by 30 MiB, stays small. */
const SIZED = ["--max-semi-space-size=1", "--import", new URL("./collect-garbage.js", import.meta.url).href];
const PAGE = 4096;
/** Characters of the log that are kept, to say why a process ended. */
const LOG_KEPT = 2000;

export interface RoleOptions {
  readonly name: "gateway" | "worker";
  readonly args: readonly string[];
  /** The address of a module that Node loads first: a fault that is planted into it. */
  readonly planted?: string | undefined;
  /** So that its size can be read, each time after its garbage has been collected. Default: it cannot. */
  readonly sized?: "collected" | undefined;
}

/** What a process holds when its garbage has been collected. */
export interface Size {
  /** Bytes of all its threads, native memory included. */
  readonly resident: number;
  /** Bytes that JavaScript on the main thread holds, buffers included. */
  readonly heap: number;
  /** Open files and sockets. */
  readonly handles: number;
}

/** A gateway or a worker as an operating system runs it: the command line that ships, in a process of its own. */
export class Role {
  private log = "";
  private expected = false;

  private constructor(
    readonly name: RoleOptions["name"],
    private readonly child: ChildProcess,
    /** A folder that is closed to it is closed to it: not so to root. */
    readonly needsPermission: boolean,
    readonly ports: { readonly grpcPort?: number; readonly httpPort: number },
  ) {
    child.stderr!.on("data", (chunk) => {
      this.log = (this.log + chunk).slice(-LOG_KEPT);
    });
  }

  /** Resolves when it is up. @throws Error with its log when it ends before */
  static async start({ name, args, planted, sized }: RoleOptions): Promise<Role> {
    const preload = [...(sized ? SIZED : []), ...(planted ? ["--import", planted] : [])];
    const command = [process.execPath, ...preload, main, name, "--host", "127.0.0.1", "--http-port", "0", ...args];
    const { prefix, needsPermission } = await unprivileged(main);
    const [program, ...rest] = [...prefix, ...command];
    const child = spawn(program!, rest, { stdio: ["ignore", "ignore", "pipe", ...(sized ? ["ipc" as const] : [])] });
    const die = () => void child.kill("SIGKILL");
    process.once("exit", die);
    child.once("exit", () => void process.off("exit", die));
    let log = "";
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error(`${name} ended before it was up: ${log}`));
      child.once("exit", ended);
      const read = (chunk: Buffer) => {
        log += chunk;
        const up = /^\{.*(?:gateway|worker) is up.*$/m.exec(log)?.[0];
        if (!up) return;
        child.off("exit", ended);
        child.stderr!.off("data", read);
        resolve(new Role(name, child, needsPermission, JSON.parse(up)));
      };
      child.stderr!.on("data", read);
    });
  }

  /** It has ended, and nobody asked it to: the end of its log. */
  get crash(): string | undefined {
    return this.lives || this.expected ? undefined : `a ${this.name} ended by itself: ${this.log}`;
  }

  get lives(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  pause(): void {
    this.child.kill("SIGSTOP");
  }

  resume(): void {
    this.child.kill("SIGCONT");
  }

  /** Resolves with its exit code when it has ended; null: the signal ended it. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    this.expected = true;
    if (!this.lives) return this.child.exitCode;
    const ended = new Promise<number | null>((resolve) => this.child.once("exit", resolve));
    this.child.kill(signal);
    return ended;
  }

  /** The most bytes that a file may have to which it writes; "unlimited". */
  async limitFiles(bytes: string): Promise<void> {
    await run("prlimit", ["--pid", String(this.child.pid), `--fsize=${bytes}:`]);
  }

  /** Of a process that was started to be sized "collected". @throws Error when it has ended */
  async size(): Promise<Size> {
    const { heapUsed, external } = await this.collectGarbage();
    const proc = `/proc/${this.child.pid}`;
    const [statm, handles] = await Promise.all([readFile(`${proc}/statm`, "utf8"), readdir(`${proc}/fd`)]);
    return { resident: Number(statm.split(" ")[1]) * PAGE, heap: heapUsed + external, handles: handles.length };
  }

  /** The largest resident size that it has had, bytes. @throws Error when it has ended */
  async peakBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.child.pid}/status`, "utf8");
    return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]);
  }

  private async collectGarbage(): Promise<NodeJS.MemoryUsage> {
    const over = new AbortController();
    const answer = ["message", "exit"].map((event) => once(this.child, event, { signal: over.signal }));
    this.child.send("collect");
    const [left] = await Promise.race(answer).finally(() => over.abort());
    return left;
  }

  /** A number of its /metrics page, by its name and, where it has any, its labels. */
  async metric(name: string): Promise<number> {
    const page = await (await fetch(`http://127.0.0.1:${this.ports.httpPort}/metrics`)).text();
    const line = page.split("\n").find((line) => line.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1) ?? Number.NaN);
  }

  /** The HTTP status of its readiness probe. */
  async readiness(): Promise<number> {
    return (await fetch(`http://127.0.0.1:${this.ports.httpPort}/readyz`)).status;
  }
}
