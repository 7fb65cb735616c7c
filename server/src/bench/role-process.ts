import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { loadConfig } from "../config.js";
import type { SegmentProcessor } from "../queue/port.js";
import { createRedisWorker } from "../queue/redis-worker.js";
import { startGateway } from "../roles.js";
import { InstantEngine, type Sleep, SleepingEngine } from "./engines.js";
import { watchUsage } from "./usage.js";

/** What a bench starts in a process of its own. */
export type BenchRole =
  | { readonly role: "gateway"; readonly redis: string; readonly jobs: string }
  | { readonly role: "worker"; readonly redis: string; readonly engine: EngineChoice };

export type EngineChoice =
  | { readonly kind: "instant" }
  | ({ readonly kind: "sleeping" } & Sleep)
  | { readonly kind: "model"; readonly folder: string; readonly batch: number };

/**
 * The script to start with a BenchRole in JSON as its argument. It sends `{ grpcPort }` when it is up and its Usage whenever
 * it is sent anything, and ends when who started it is gone.
 */
export const script = fileURLToPath(import.meta.url);

async function main(role: BenchRole): Promise<void> {
  process.once("disconnect", () => process.exit(0));
  const usage = watchUsage();
  process.on("message", () => process.send!(usage()));
  if (role.role === "gateway") {
    const ports = { host: "127.0.0.1", grpcPort: 0, httpPort: 0 };
    const config = loadConfig({ ...ports, redis: role.redis, jobs: role.jobs, logLevel: "silent" }, {});
    const { grpcPort } = await startGateway(config);
    process.send!({ grpcPort });
  } else {
    const worker = createRedisWorker({ redisUrl: role.redis, log: pino({ level: "silent" }) });
    await worker.start(await engineOf(role.engine));
    process.send!({});
  }
}

async function engineOf(choice: EngineChoice): Promise<SegmentProcessor> {
  if (choice.kind === "instant") return new InstantEngine();
  if (choice.kind === "sleeping") return new SleepingEngine(choice);
  const { openEngine } = await import("../worker/bench.js");
  return openEngine(choice.folder, { maxBatchSentences: choice.batch });
}

if (process.argv[1] === script) await main(JSON.parse(process.argv[2]!) as BenchRole);
