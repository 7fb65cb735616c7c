import { createServer } from "node:net";
import { promptConnection } from "@carousel/server/queue/redis";
import { RedisServer } from "@carousel/server/queue/test-support/redis-server";
import { TINY } from "./corpus.js";
import { Role, type RoleOptions } from "./role.js";
import { Store } from "./store.js";

export interface FleetOptions {
  readonly gateways?: number;
  readonly workers?: number;
  /** Folder of models; those of the tests when absent. */
  readonly models?: string;
  /** For batch jobs. Default: as little as can be filled. */
  readonly room?: "large";
  /** Further arguments of the gateways. */
  readonly gatewayArgs?: readonly string[];
  /** Planted into each worker. */
  readonly planted?: RoleOptions["planted"];
  /** Of gateways and workers. */
  readonly sized?: RoleOptions["sized"];
}

/** Redis with an append-only file, gateways that share a folder of jobs, and workers: all processes of their own. */
export class Fleet {
  readonly gateways: Role[] = [];
  readonly workers: Role[] = [];
  private readonly everyone: Role[] = [];

  private constructor(
    readonly redis: RedisServer,
    /** Where the gateways keep batch jobs. */
    readonly store: Store,
    readonly grpcPorts: readonly number[],
    private readonly options: FleetOptions,
  ) {}

  static async start(options: FleetOptions = {}): Promise<Fleet> {
    const { gateways = 2, workers = 2 } = options;
    const ports = await Promise.all(Array.from({ length: gateways }, freePort));
    const fleet = new Fleet(await RedisServer.start(), await Store.open(options.room), ports, options);
    try {
      await Promise.all([
        ...Array.from({ length: workers }, (_, k) => fleet.startWorker(k)),
        ...ports.map((_, k) => fleet.startGateway(k)),
      ]);
    } catch (error) {
      await fleet.stop();
      throw error;
    }
    return fleet;
  }

  /** In the place of the k-th, at its address. */
  async startGateway(k: number): Promise<void> {
    const own = ["--grpc-port", String(this.grpcPorts[k]), "--jobs", this.store.folder];
    const { gatewayArgs = [], sized } = this.options;
    const args = ["--redis", this.redis.url, ...own, ...gatewayArgs];
    this.gateways[k] = this.known(await Role.start({ name: "gateway", args, sized }));
  }

  /** In the place of the k-th. */
  async startWorker(k: number): Promise<void> {
    const { models = TINY.folder, planted, sized } = this.options;
    const args = ["--redis", this.redis.url, "--models", models, "--intra-op-threads", "1"];
    this.workers[k] = this.known(await Role.start({ name: "worker", args, planted, sized }));
  }

  /** What ended though nobody ended it. */
  crashes(): string[] {
    return this.everyone.flatMap((role) => role.crash ?? []);
  }

  /** The answer of Redis to one command. */
  async askRedis(command: string, ...args: string[]): Promise<unknown> {
    const redis = promptConnection(this.redis.url);
    try {
      if (redis.status !== "ready") await new Promise((resolve) => redis.once("ready", resolve));
      return await redis.call(command, ...args);
    } finally {
      redis.disconnect();
    }
  }

  /** Bytes that Redis holds, or the most that it has held since it started. */
  async redisMemory(which: "used_memory" | "used_memory_peak" = "used_memory"): Promise<number> {
    return Number(new RegExp(`${which}:(\\d+)`).exec(String(await this.askRedis("INFO", "memory")))![1]);
  }

  async stop(): Promise<void> {
    await Promise.all(this.everyone.map((role) => role.end("SIGKILL")));
    await this.redis.stop();
    await this.store.close();
  }

  private known(role: Role): Role {
    this.everyone.push(role);
    return role;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
