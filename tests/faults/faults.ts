import { setTimeout as sleep } from "node:timers/promises";
import type { Fleet } from "./fleet.js";
import type { Code } from "./history.js";
import type { LoadOptions } from "./load.js";

/** Longer than the 5 s for which a worker that is silent keeps its jobs. */
const BEYOND_LOCK_MS = 8000;
const OUTAGE_MS = 20_000;

export interface Fault {
  readonly name: string;
  /** How often it is inflicted, in `npm test` and by hand. */
  readonly times: { readonly short: number; readonly long: number };
  /** Codes that a caller may see who has tried again by the policy; none where no call may fail. */
  readonly mayRefuse: readonly Code[];
  readonly load?: LoadOptions;
  /** Once. Resolves with the moment (ms) from which on answers were delayed, and when the fleet is whole again. */
  inflict(fleet: Fleet): Promise<number>;
}

export const FAULTS: readonly Fault[] = [
  {
    name: "SIGKILL of a worker",
    times: { short: 5, long: 200 },
    mayRefuse: [],
    load: { streams: 2 },
    async inflict(fleet) {
      const k = anyOf(fleet.workers);
      const moment = Date.now();
      await fleet.workers[k]!.end("SIGKILL");
      await fleet.startWorker(k);
      await sleep(500);
      return moment;
    },
  },
  {
    name: "SIGKILL of a gateway",
    times: { short: 2, long: 50 },
    mayRefuse: [],
    async inflict(fleet) {
      const k = anyOf(fleet.gateways);
      const moment = Date.now();
      await fleet.gateways[k]!.end("SIGKILL");
      await fleet.startGateway(k);
      await sleep(2000); // until the clients have found it again
      return moment;
    },
  },
  {
    name: "SIGSTOP of a worker beyond its lock, SIGCONT",
    times: { short: 2, long: 20 },
    mayRefuse: [],
    load: { streams: 2 },
    async inflict({ workers }) {
      const worker = workers[anyOf(workers)]!;
      const moment = Date.now();
      worker.pause();
      await sleep(BEYOND_LOCK_MS);
      worker.resume();
      await sleep(1000);
      return moment;
    },
  },
  {
    name: "restart of Redis",
    times: { short: 1, long: 20 },
    mayRefuse: ["UNAVAILABLE"],
    async inflict({ redis }) {
      const moment = Date.now();
      await redis.down();
      await redis.up();
      await sleep(3000);
      return moment;
    },
  },
  {
    name: "Redis gone for 20 s",
    times: { short: 1, long: 20 },
    mayRefuse: ["UNAVAILABLE"],
    async inflict(fleet) {
      const moment = Date.now();
      await fleet.redis.down();
      await sleep(OUTAGE_MS);
      const ready = await Promise.all(fleet.gateways.map((gateway) => gateway.readiness()));
      if (ready.some((status) => status !== 503)) throw new Error(`without Redis gateways are ready: ${ready}`);
      await fleet.redis.up();
      await sleep(3000);
      return moment;
    },
  },
  {
    name: "Redis emptied",
    times: { short: 1, long: 10 },
    mayRefuse: ["UNAVAILABLE"],
    async inflict(fleet) {
      const moment = Date.now();
      await fleet.askRedis("FLUSHALL");
      await sleep(5000);
      return moment;
    },
  },
  {
    name: "rolling restart of everything",
    times: { short: 1, long: 50 },
    mayRefuse: [],
    async inflict(fleet) {
      const moment = Date.now();
      for (const [k, gateway] of [...fleet.gateways.entries()]) {
        await drained(gateway.end("SIGTERM"));
        await fleet.startGateway(k);
        await sleep(2000);
      }
      for (const [k, worker] of [...fleet.workers.entries()]) {
        await drained(worker.end("SIGTERM"));
        await fleet.startWorker(k);
      }
      return moment;
    },
  },
];

async function drained(exit: Promise<number | null>): Promise<void> {
  const code = await exit;
  if (code !== 0) throw new Error(`a process that was asked to end exited with ${code}`);
}

function anyOf(list: readonly unknown[]): number {
  return Math.floor(Math.random() * list.length);
}
