import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./fault.js";
import type { Fleet } from "./fleet.js";
import type { Random } from "./random.js";

/** Longer than the 5 s for which a worker that is silent keeps its jobs. */
const BEYOND_LOCK_MS = 8000;
/** Until clients have found a gateway again. */
const FOUND_MS = 2000;

export const workerKill: Fault = {
  id: "worker-kill",
  name: "SIGKILL of a worker",
  times: { short: 5, long: 200 },
  mayRefuse: [],
  load: { streams: 2 },
  async inflict(fleet, random) {
    await anyTime(random);
    const k = random.below(fleet.workers.length);
    const moment = Date.now();
    await fleet.workers[k]!.end("SIGKILL");
    await fleet.startWorker(k);
    return moment;
  },
};

export const gatewayKill: Fault = {
  id: "gateway-kill",
  name: "SIGKILL of a gateway",
  times: { short: 2, long: 50 },
  mayRefuse: [],
  async inflict(fleet, random) {
    await anyTime(random);
    const k = random.below(fleet.gateways.length);
    const moment = Date.now();
    await fleet.gateways[k]!.end("SIGKILL");
    await fleet.startGateway(k);
    await sleep(FOUND_MS);
    return moment;
  },
};

export const workerStop: Fault = {
  id: "worker-stop",
  name: "SIGSTOP of a worker beyond its lock, SIGCONT",
  times: { short: 2, long: 20 },
  mayRefuse: [],
  load: { streams: 2 },
  async inflict({ workers }, random) {
    await anyTime(random);
    const worker = random.of(workers);
    const moment = Date.now();
    worker.pause();
    await sleep(BEYOND_LOCK_MS);
    worker.resume();
    return moment;
  },
};

export const rollingRestart: Fault = {
  id: "rolling-restart",
  name: "rolling restart of everything",
  times: { short: 1, long: 50 },
  mayRefuse: [],
  async inflict(fleet) {
    const moment = Date.now();
    for (const k of fleet.gateways.keys()) {
      await drained(fleet.gateways[k]!);
      await fleet.startGateway(k);
      await sleep(FOUND_MS);
    }
    for (const k of fleet.workers.keys()) {
      await drained(fleet.workers[k]!);
      await fleet.startWorker(k);
    }
    return moment;
  },
};

/** So that a fault meets work in every state. */
async function anyTime(random: Random): Promise<void> {
  await sleep(random.below(1000));
}

async function drained(role: Fleet["workers"][number]): Promise<void> {
  const code = await role.end("SIGTERM");
  if (code !== 0) throw new Error(`a ${role.name} that was asked to end exited with ${code}`);
}
