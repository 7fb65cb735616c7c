import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./fault.js";

const OUTAGE_MS = 20_000;
/** Longer than a worker's lock on a job lasts, which it cannot renew meanwhile. */
const FULL_MS = 8000;
/** Until everyone has found Redis again. */
const FOUND_MS = 3000;

export const redisRestart: Fault = {
  id: "redis-restart",
  name: "restart of Redis",
  times: { short: 1, long: 20 },
  mayRefuse: ["UNAVAILABLE"],
  async inflict({ redis }) {
    const moment = Date.now();
    await redis.down();
    await redis.up();
    await sleep(FOUND_MS);
    return moment;
  },
};

export const redisGone: Fault = {
  id: "redis-gone",
  name: "Redis gone for 20 s",
  times: { short: 1, long: 20 },
  mayRefuse: ["UNAVAILABLE"],
  async inflict({ redis, gateways }) {
    const moment = Date.now();
    await redis.down();
    await sleep(OUTAGE_MS);
    const ready = await Promise.all(gateways.map((gateway) => gateway.readiness()));
    if (ready.some((status) => status !== 503)) throw new Error(`without Redis gateways are ready: ${ready}`);
    await redis.up();
    await sleep(FOUND_MS);
    return moment;
  },
};

export const redisEmptied: Fault = {
  id: "redis-emptied",
  name: "Redis emptied while jobs run",
  times: { short: 1, long: 10 },
  mayRefuse: ["UNAVAILABLE"],
  async inflict(fleet) {
    const moment = Date.now();
    await fleet.askRedis("FLUSHALL");
    await sleep(5000);
    return moment;
  },
};

export const redisFull: Fault = {
  id: "redis-full",
  name: "no memory left in Redis",
  times: { short: 1, long: 10 },
  mayRefuse: ["UNAVAILABLE"],
  load: { streams: 2 },
  async inflict(fleet) {
    const moment = Date.now();
    const limit = (bytes: string) => fleet.askRedis("CONFIG", "SET", "maxmemory", bytes);
    await limit("1");
    await sleep(FULL_MS);
    await limit("0");
    await sleep(FOUND_MS);
    return moment;
  },
};
