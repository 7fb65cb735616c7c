import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { Logger } from "pino";
import { CarouselError } from "../errors.js";
import { parseRedisUrl } from "./redis-url.js";

export type RedisConnection = Redis | Cluster;

/** How a connection behaves while Redis cannot be reached. */
type Manner = Pick<
  RedisOptions,
  "maxRetriesPerRequest" | "enableOfflineQueue" | "connectTimeout" | "commandTimeout" | "socketTimeout"
>;

/** Longer than any read waits: a connection that is silent for so long under a command is dead. */
const SILENCE_MS = 15_000;
const OLDEST = [6, 2] as const;

/** A connection for commands that must wait out an outage: those of workers and of reading loops. */
export function patientConnection(url: string): RedisConnection {
  return connect(url, { maxRetriesPerRequest: null, connectTimeout: 5000, socketTimeout: SILENCE_MS });
}

/** A connection for commands that must fail at once when Redis cannot be reached: those a caller waits for. */
export function promptConnection(url: string): RedisConnection {
  const manner = { maxRetriesPerRequest: 1, connectTimeout: 2000, commandTimeout: 2000, socketTimeout: 2000 };
  return connect(url, { ...manner, enableOfflineQueue: false });
}

function connect(url: string, manner: Manner): RedisConnection {
  const { kind, nodes, master, db, username, password, tls } = parseRedisUrl(url);
  const login = { ...(username ? { username } : {}), ...(password ? { password } : {}) };
  const options: RedisOptions = { ...manner, ...login, db, retryStrategy, ...(tls ? { tls } : {}) };
  if (kind === "standalone") return quiet(new Redis({ ...options, ...nodes[0]! }));
  if (kind === "sentinel") {
    const sentinel = { sentinels: [...nodes], name: master!, sentinelRetryStrategy: retryStrategy };
    return quiet(
      new Redis({ ...options, ...sentinel, ...(tls ? { sentinelTLS: tls, enableTLSForSentinelMode: true } : {}) }),
    );
  }
  return quiet(
    new Cluster([...nodes], {
      redisOptions: options,
      clusterRetryStrategy: retryStrategy,
      enableOfflineQueue: manner.enableOfflineQueue ?? true,
      // certificates name hosts, and a cluster announces addresses
      ...(tls ? { dnsLookup: (address, callback) => callback(null, address) } : {}),
    }),
  );
}

function retryStrategy(attempt: number): number {
  return Math.min(100 * 2 ** Math.min(attempt, 4), 1000);
}

/** ioredis reports a lost connection as an event; commands that fail say so themselves. */
function quiet<T extends RedisConnection>(redis: T): T {
  redis.on("error", () => {});
  return redis;
}

/**
 * Waits until a connection can be used.
 * @throws CarouselError UNAVAILABLE after so many milliseconds, with the reason; FAILED_PRECONDITION at once when Redis
 * is there and refuses the user
 */
export async function connected(redis: RedisConnection, withinMs: number): Promise<void> {
  if (redis.status === "ready") return;
  let note = (_: Error) => {};
  await new Promise<void>((resolve, reject) => {
    let reason = "";
    const timer = setTimeout(() => {
      reject(new CarouselError("UNAVAILABLE", `Redis cannot be reached within ${withinMs} ms${reason}`));
    }, withinMs);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      settle();
    };
    note = ({ message }) => {
      reason = `: ${message}`;
      if (!/^(WRONGPASS|NOAUTH|NOPERM)/.test(message)) return;
      end(() => reject(new CarouselError("FAILED_PRECONDITION", `Redis refuses the user of its URL: ${message}`)));
    };
    redis.on("error", note);
    redis.once("ready", () => end(resolve));
  }).finally(() => redis.off("error", note));
}

/**
 * Asks Redis whether it is fit to hold work; warns where it may throw work away.
 * @throws CarouselError FAILED_PRECONDITION when it is too old, or not what its URL says
 */
export async function checkRedis(redis: RedisConnection, log: Logger): Promise<void> {
  const info = await redis.info().catch(() => "");
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
  const version = field("redis_version");
  const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
  if (version && (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))) {
    throw unfit(`${version} is too old: ${OLDEST.join(".")} or later is needed`);
  }
  if (redis instanceof Redis) {
    if (field("redis_mode") === "cluster") throw unfit("is a node of a cluster: its URL begins with redis-cluster://");
    await requireDatabase(redis);
  }
  const policy = field("maxmemory_policy");
  if (policy !== undefined && policy !== "noeviction") {
    log.warn({ policy }, "Redis must run with maxmemory-policy noeviction: it may now evict queued work");
  }
  if (field("aof_enabled") === "0") log.warn("Redis keeps no append-only file: a restart of it loses queued work");
}

/** ioredis goes on in database 0 where the wanted one is refused. */
async function requireDatabase(redis: Redis): Promise<void> {
  const { db = 0 } = redis.options;
  if (db === 0) return;
  await redis.select(db).catch((error: Error) => {
    throw unfit(`refuses the database ${db}: ${error.message}`);
  });
}

function unfit(why: string): CarouselError {
  return new CarouselError("FAILED_PRECONDITION", `Redis ${why}`);
}
