import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RedisServer } from "../queue/test-support/redis-server.js";
import { type BenchRole, type EngineChoice, script } from "./role-process.js";

/** A Redis, a gateway and workers, each a process of its own. */
export class Stack {
  private constructor(
    readonly grpcPort: number,
    private readonly parts: { redis: RedisServer; jobs: string; children: readonly ChildProcess[] },
  ) {}

  /** @throws Error when redis-server is not on PATH */
  static async start(options: { engine: EngineChoice; workers: number }): Promise<Stack> {
    const redis = await RedisServer.start();
    const jobs = await mkdtemp(join(tmpdir(), "carousel-bench-"));
    const children: ChildProcess[] = [];
    const start = (role: BenchRole) => {
      const child = fork(script, [JSON.stringify(role)]);
      children.push(child);
      return up(child);
    };
    const worker = { role: "worker", redis: redis.url, engine: options.engine } as const;
    for (let k = 0; k < options.workers; k++) await start(worker);
    const { grpcPort } = await start({ role: "gateway", redis: redis.url, jobs });
    return new Stack(grpcPort!, { redis, jobs, children });
  }

  async stop(): Promise<void> {
    const { redis, jobs, children } = this.parts;
    for (const child of children) child.kill("SIGKILL");
    await redis.stop();
    await rm(jobs, { recursive: true, force: true });
  }
}

function up(child: ChildProcess): Promise<{ grpcPort?: number }> {
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as { grpcPort?: number }));
    child.once("exit", (code) => reject(new Error(`a process of the bench ended with ${code}`)));
  });
}
