import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { patientConnection, type RedisConnection } from "../queue/redis.js";
import { RedisServer } from "../queue/test-support/redis-server.js";
import { type BenchRole, type EngineChoice, script } from "./role-process.js";
import type { Usage } from "./usage.js";

export interface StackUsage {
  readonly gateway: Usage;
  /** Of the first worker. */
  readonly worker: Usage;
  readonly redis: Pick<Usage, "cpuMs">;
}

/** A redis-server of the bench's own, which can be asked about itself. */
export class BenchRedis {
  private constructor(
    private readonly server: RedisServer,
    private readonly connection: RedisConnection,
  ) {}

  /** @throws Error when redis-server is not on PATH */
  static async start(): Promise<BenchRedis> {
    const server = await RedisServer.start();
    return new BenchRedis(server, patientConnection(server.url));
  }

  get url(): string {
    return this.server.url;
  }

  /** A number of what it says of itself, by its name in INFO. */
  async info(name: string): Promise<number> {
    const info = await this.connection.info();
    return Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(info)?.[1] ?? Number.NaN);
  }

  async stop(): Promise<void> {
    this.connection.disconnect();
    await this.server.stop();
  }
}

/** A Redis, a gateway and workers, each a process of its own. */
export class Stack {
  private redisCpuMs = 0;

  private constructor(
    readonly grpcPort: number,
    private readonly parts: {
      redis: BenchRedis;
      jobs: string;
      children: readonly ChildProcess[];
    },
  ) {}

  /** @throws Error when redis-server is not on PATH */
  static async start(options: { engine: EngineChoice; workers: number }): Promise<Stack> {
    const redis = await BenchRedis.start();
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

  /** What was used since it was asked last. */
  async usage(): Promise<StackUsage> {
    const [worker, gateway] = [this.parts.children[0]!, this.parts.children.at(-1)!];
    const before = this.redisCpuMs;
    this.redisCpuMs = await this.redisCpu();
    return {
      gateway: await told<Usage>(gateway),
      worker: await told<Usage>(worker),
      redis: { cpuMs: this.redisCpuMs - before },
    };
  }

  /** The largest sizes since the start, bytes. */
  async peaks(): Promise<{ peak: { gateway: number; workers: number[] }; redisPeak: number }> {
    const usages = await Promise.all(this.parts.children.map((child) => told<Usage>(child)));
    const [gateway, ...workers] = usages.map(({ peakBytes }) => peakBytes).reverse();
    return { peak: { gateway: gateway!, workers }, redisPeak: await this.parts.redis.info("used_memory_peak") };
  }

  private async redisCpu(): Promise<number> {
    const { redis } = this.parts;
    return 1000 * ((await redis.info("used_cpu_user")) + (await redis.info("used_cpu_sys")));
  }

  async stop(): Promise<void> {
    const { redis, jobs, children } = this.parts;
    const ended = children.map((child) => once(child, "exit"));
    for (const child of children) child.disconnect();
    await Promise.all(ended);
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

async function told<T>(child: ChildProcess): Promise<T> {
  const answer = once(child, "message");
  child.send("usage");
  return (await answer)[0] as T;
}
