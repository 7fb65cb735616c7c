import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A redis-server of the test's own, on a free port of the loopback interface. */
export class RedisServer {
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    /** What it keeps; removed when it stops. */
    readonly folder: string,
    private readonly more: readonly string[],
  ) {}

  /** @param more further arguments, made from its folder and its port */
  static async start(
    more: (at: { folder: string; port: number }) => readonly string[] | Promise<readonly string[]> = () => [],
  ): Promise<RedisServer> {
    const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), "carousel-redis-"))];
    const server = new RedisServer(port, folder, await more({ folder, port }));
    await server.up();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async up(): Promise<void> {
    const where = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.folder];
    const kept = ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"];
    // sentinels have a file of settings, which comes first and says all
    const args = this.more.includes("--sentinel") ? this.more : [...where, ...kept, ...this.more];
    const child = spawn("redis-server", args, { stdio: "ignore" });
    this.child = child;
    const die = () => void child.kill("SIGKILL"); // with the tests, however these end
    process.once("exit", die);
    child.once("exit", () => void process.off("exit", die));
    const failed = new Promise<never>((_, reject) => {
      child.once("error", () => reject(new Error("the tests need redis-server on PATH; scripts/test installs it")));
    });
    await Promise.race([failed, this.listening()]);
  }

  /** Kills it; what it had synced to its file is there again after up(). */
  async down(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  async stop(): Promise<void> {
    await this.down();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async listening(): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt++) {
      if (await reachable(this.port)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`redis-server does not listen on port ${this.port}`);
  }
}

function reachable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
