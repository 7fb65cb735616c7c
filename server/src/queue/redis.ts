import { Redis } from "ioredis";
import type { Logger } from "pino";
import { CarouselError } from "../errors.js";

/** Names of what Carousel keeps in Redis, beside BullMQ's own keys. */
export const KEYS = {
  queue: "carousel",
  replies: (gateway: string) => `carousel:replies:${gateway}`,
  /** Channel: ids of segments nobody waits for any more. */
  cancelled: "carousel:cancelled",
  /** Sorted set of worker ids by the time (ms) until which they count as alive. */
  workers: "carousel:workers",
  /** Hash of the models of each worker. */
  workerModels: "carousel:worker-models",
} as const;

/** A connection for commands that must wait out an outage: those of workers and of reading loops. */
export function patientConnection(url: string): Redis {
  return quiet(new Redis(url, { maxRetriesPerRequest: null, enableReadyCheck: true, retryStrategy }));
}

/** A connection for commands that must fail at once when Redis cannot be reached: those a caller waits for. */
export function promptConnection(url: string): Redis {
  return quiet(
    new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: false, connectTimeout: 2000, retryStrategy }),
  );
}

function retryStrategy(attempt: number): number {
  return Math.min(100 * 2 ** Math.min(attempt, 4), 1000);
}

/** ioredis reports a lost connection as an event; commands that fail say so themselves. */
function quiet(redis: Redis): Redis {
  redis.on("error", () => {});
  return redis;
}

/** Waits until a connection can be used. @throws CarouselError UNAVAILABLE after so many milliseconds */
export async function connected(redis: Redis, withinMs: number): Promise<void> {
  if (redis.status === "ready") return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new CarouselError("UNAVAILABLE", `Redis cannot be reached within ${withinMs} ms`));
    }, withinMs);
    redis.once("ready", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Warns when Redis may throw queued work away. */
export async function checkRedis(redis: Redis, log: Logger): Promise<void> {
  const policy = await redis.config("GET", "maxmemory-policy").catch(() => undefined);
  const value = (policy as string[] | undefined)?.[1];
  if (value !== undefined && value !== "noeviction") {
    log.warn({ policy: value }, "Redis must run with maxmemory-policy noeviction: it may now evict queued work");
  }
}
