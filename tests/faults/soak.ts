import { setTimeout as sleep } from "node:timers/promises";
import { type Client, openClient } from "./client.js";
import type { Pair } from "./corpus.js";
import type { Fleet } from "./fleet.js";
import { growsFasterThan, type Point, type Slope, slope } from "./growth.js";
import { History } from "./history.js";
import { INVALID_REQUESTS } from "./invalid-requests.js";
import { Load, type LoadOptions } from "./load.js";
import type { Random } from "./random.js";

const MIB = 1024 * 1024;
/** What counts as growth, an hour: flat is the least that a measurement can tell from it. */
const LIMITS = { "resident MiB": 8, "heap MiB": 8, "open handles": 2, "Redis MiB": 1 } as const;
const INVALID_EACH_MS = 1000;
/** This part of the time is for caches and heaps to fill. */
const WARM = 1 / 3;
const SAMPLES = 200;
/** Between two samples, milliseconds at least: a process stands still while it collects. */
const LEAST_MS = 500;
const MIXED: LoadOptions = { callers: 12, streams: 2, fickle: 2, jobs: 1, pauseMs: 250 };

export interface Growth extends Slope {
  /** Whose, and of what. */
  readonly of: string;
  readonly limit: number;
  /** The first value after the warm-up, and the last. */
  readonly values: readonly [number, number];
}

export interface SoakVerdict {
  readonly violations: readonly string[];
  readonly counts: ReturnType<History["counts"]>;
  readonly invalid: number;
  readonly growth: readonly Growth[];
}

export interface SoakMeans {
  /** Sized "collected": heaps that fill and are emptied would hide what grows. */
  readonly fleet: Fleet;
  readonly corpus: readonly Pair[];
  readonly random: Random;
  readonly seconds: number;
  readonly load?: LoadOptions;
  /** Told now and then how much of the time is over. */
  onProgress?(seconds: number): void;
}

/** Mixed load, with something wrong in between every second, and whether anything grows that must not. */
export async function soak({ fleet, corpus, random, seconds, load, onProgress }: SoakMeans): Promise<SoakVerdict> {
  const history = new History();
  const client = openClient(fleet.grpcPorts);
  const running = new Load({ client, corpus, history, random }, load ?? MIXED);
  const begun = Date.now();
  const elapsed = () => (Date.now() - begun) / 1000;
  const samples: Sample[] = [];
  let invalid = 0;
  const mistakes = async () => {
    while (elapsed() < seconds) {
      await mistake(invalid++, { client, fleet }, history);
      await sleep(Math.min(INVALID_EACH_MS, 1000 * Math.max(0, seconds - elapsed())));
    }
  };
  const watch = async () => {
    while (elapsed() < seconds) {
      samples.push(...(await sizes(fleet, elapsed() / 3600)));
      onProgress?.(elapsed());
      await sleep(Math.max(LEAST_MS, (1000 * seconds) / SAMPLES));
    }
  };
  try {
    await Promise.all([mistakes(), watch()]);
  } finally {
    await running.stop();
    client.close();
  }
  const growth = growthOf(samples.filter(({ hours }) => 3600 * hours >= WARM * seconds));
  return {
    violations: [...fleet.crashes(), ...history.violations([]), ...growth.flatMap(tooMuch)],
    counts: history.counts(),
    invalid,
    growth,
  };
}

async function mistake(k: number, to: { client: Client; fleet: Fleet }, history: History): Promise<void> {
  const { what, expected, send } = INVALID_REQUESTS[k % INVALID_REQUESTS.length]!;
  const code = await send(to).catch((error: Error) => error.message);
  if (code !== expected) history.odd(`${what} ended in ${code} instead of ${expected}`);
}

/** What is measured, by whose it is and what; `hours` is when. */
interface Sample extends Point {
  readonly of: string;
  readonly what: keyof typeof LIMITS;
}

async function sizes(fleet: Fleet, hours: number): Promise<Sample[]> {
  const named = [fleet.gateways, fleet.workers].flatMap((roles) => [...roles.entries()]);
  const processes = named.map(async ([k, role]): Promise<Sample[]> => {
    const { resident, heap, handles } = await role.size();
    const of = `${role.name} ${k + 1}`;
    return [
      { of, hours, what: "resident MiB", value: resident / MIB },
      { of, hours, what: "heap MiB", value: heap / MIB },
      { of, hours, what: "open handles", value: handles },
    ];
  });
  const redis = { of: "Redis", hours, what: "Redis MiB", value: (await fleet.redisMemory()) / MIB } as const;
  return [...(await Promise.all(processes)).flat(), redis];
}

function growthOf(samples: readonly Sample[]): Growth[] {
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    const of = `${sample.of}, ${sample.what}`;
    series.set(of, [...(series.get(of) ?? []), sample]);
  }
  return [...series].map(([of, points]) => ({
    of,
    limit: LIMITS[points[0]!.what],
    values: [points[0]!.value, points.at(-1)!.value],
    ...slope(points),
  }));
}

function tooMuch(growth: Growth): string[] {
  const { of, perHour, limit } = growth;
  return growsFasterThan(limit, growth) ? [`${of}: grows by ${perHour.toFixed(1)} an hour, more than ${limit}`] : [];
}
