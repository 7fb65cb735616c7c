import type { Load } from "./admission.js";
import { together } from "./backlog.js";
import { KEYS } from "./keys.js";
import { type Line, lineFor } from "./line.js";
import type { ServedModel, WorkerState } from "./port.js";
import type { RedisConnection } from "./redis.js";
import { servedModels } from "./served-models.js";

const HEARTBEAT_MS = 3000;
/** Workers and gateways that are silent for so long count as gone: longer than an outage that both live through. */
const ALIVE_MS = 30_000;
const FORGET_MS = 3600_000;
/** Workers that serve are looked up so often at most. */
const FRESH_MS = 500;

/** Says that a process lives, now, regularly, and whenever Redis is there again. @returns what ends it */
export function keepAlive(redis: RedisConnection, beat: () => Promise<void>): () => void {
  const tick = () => void beat().catch(() => {});
  const timer = setInterval(tick, HEARTBEAT_MS);
  redis.on("ready", tick);
  return () => {
    clearInterval(timer);
    redis.off("ready", tick);
  };
}

/** Who is alive, and what the workers serve. */
export class Roster {
  private known: readonly ServedModel[] = [];
  private heldAtOnce = 0;
  private freshUntil = 0;
  private looking: Promise<readonly ServedModel[]> | undefined;

  constructor(private readonly redis: RedisConnection) {}

  async gateway(id: string): Promise<void> {
    await this.redis.zadd(KEYS.gateways, Date.now() + ALIVE_MS, id);
  }

  async worker(id: string, state: WorkerState): Promise<void> {
    const lines = state.models.map(lineFor);
    const said = this.redis.multi();
    if (lines.length > 0) said.sadd(KEYS.lines, ...lines);
    await said
      .zadd(KEYS.workers, Date.now() + ALIVE_MS, id)
      .hset(KEYS.workerStates, id, JSON.stringify(state))
      .exec();
    await this.forget();
  }

  async leave(id: string): Promise<void> {
    await this.redis.zrem(KEYS.workers, id);
    await this.redis.zrem(KEYS.gateways, id);
    await this.redis.hdel(KEYS.workerStates, id);
    await this.redis.hdel(KEYS.loads, id);
  }

  /** Gateways that have gone without a word. */
  async goneGateways(): Promise<string[]> {
    return this.redis.zrangebyscore(KEYS.gateways, "-inf", Date.now());
  }

  /** Tells what a gateway waits for. @returns the same of all others that live, added up */
  async exchange(id: string, load: Load): Promise<Load> {
    const answers = await this.redis
      .multi()
      .hset(KEYS.loads, id, JSON.stringify(load))
      .hgetall(KEYS.loads)
      .zrangebyscore(KEYS.gateways, Date.now(), "+inf")
      .exec();
    const loads = (answers?.[1]?.[1] ?? {}) as Record<string, string>;
    const alive = new Set((answers?.[2]?.[1] ?? []) as string[]);
    const others = Object.keys(loads).filter((other) => other !== id && alive.has(other));
    return sum(others.map((other) => JSON.parse(loads[other]!) as Load));
  }

  /** Those that live. */
  async count(): Promise<{ workers: number; gateways: number }> {
    const [workers, gateways] = await Promise.all(
      [KEYS.workers, KEYS.gateways].map((key) => this.redis.zcount(key, Date.now(), "+inf")),
    );
    return { workers: workers!, gateways: gateways! };
  }

  /** What living workers serve: now, or half a second old at most. */
  async models(freshness?: "now"): Promise<readonly ServedModel[]> {
    if (freshness === "now") return this.look();
    if (Date.now() < this.freshUntil) return this.known;
    this.looking ??= this.look().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  /** Segments that the living workers take at once, as of when their models were last looked up. */
  get capacity(): number {
    return this.heldAtOnce;
  }

  /** Whether a living worker serves the line now. */
  async serves(line: Line): Promise<boolean> {
    return (await this.states()).some(({ models }) => models.some((model) => lineFor(model) === line));
  }

  /** What the living workers say of themselves now. */
  async states(): Promise<WorkerState[]> {
    const alive = await this.redis.zrangebyscore(KEYS.workers, Date.now(), "+inf");
    const published = alive.length === 0 ? [] : await this.redis.hmget(KEYS.workerStates, ...alive);
    return published.flatMap((json) => (json ? [JSON.parse(json) as WorkerState] : []));
  }

  private async look(): Promise<readonly ServedModel[]> {
    const states = await this.states();
    this.known = servedModels(states);
    // a worker of a version before did not say
    this.heldAtOnce = states.reduce((sum, { capacity = 0 }) => sum + capacity, 0);
    // where nobody serves, the first worker that comes is seen at once
    this.freshUntil = this.known.length > 0 ? Date.now() + FRESH_MS : 0;
    return this.known;
  }

  private async forget(): Promise<void> {
    await this.drop({ alive: KEYS.gateways, facts: KEYS.loads, before: Date.now() - FORGET_MS });
    await this.drop({ alive: KEYS.workers, facts: KEYS.workerStates, before: Date.now() - ALIVE_MS });
  }

  private async drop({ alive, facts, before }: { alive: string; facts: string; before: number }): Promise<void> {
    const dead = await this.redis.zrangebyscore(alive, "-inf", before);
    if (dead.length === 0) return;
    await this.redis
      .multi()
      .zrem(alive, ...dead)
      .hdel(facts, ...dead)
      .exec();
  }
}

function sum(loads: readonly Load[]): Load {
  return {
    waiting: together(loads.map(({ waiting }) => waiting)),
    served: loads.reduce((total, { served }) => total + served, 0),
  };
}
