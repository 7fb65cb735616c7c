import { setTimeout as sleep } from "node:timers/promises";
import { openClient } from "./client.js";
import type { Pair } from "./corpus.js";
import type { Fault } from "./fault.js";
import type { Fleet } from "./fleet.js";
import { History } from "./history.js";
import { Load } from "./load.js";
import type { Random } from "./random.js";

/** So long the load runs before the first fault, and after the last. */
const AROUND_MS = 1000;
/** Answers that take longer than this after a fault count as delayed by it. */
const DELAYED_MS = 1000;

export interface Verdict {
  readonly violations: readonly string[];
  readonly counts: ReturnType<History["counts"]>;
  /** Milliseconds from a fault to the answers that it delayed. */
  readonly delays: readonly number[];
}

/** Inflicts a fault so many times on a fleet under load, and judges the history of every request. */
export async function trial(
  fault: Fault,
  times: number,
  { fleet, corpus, random }: { fleet: Fleet; corpus: readonly Pair[]; random: Random },
): Promise<Verdict> {
  const history = new History();
  const client = openClient(fleet.grpcPorts);
  const load = new Load({ client, corpus, history, random }, fault.load);
  const moments: number[] = [];
  try {
    await sleep(AROUND_MS);
    for (let k = 0; k < times; k++) moments.push(await fault.inflict(fleet, random));
    await sleep(AROUND_MS);
  } finally {
    await load.stop();
    client.close();
  }
  return {
    violations: [...fleet.crashes(), ...history.violations(fault.mayRefuse)],
    counts: history.counts(),
    delays: moments.flatMap((moment) => history.delaysAfter(moment, DELAYED_MS)),
  };
}
