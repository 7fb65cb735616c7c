import { type ArrivedCall, arrivals } from "./load/arrivals.js";
import { load } from "./load/load.js";
import { SENTENCES } from "./load-texts.js";
import { Stack } from "./stack.js";

const ENGINE = { kind: "sleeping", batch: 16, milliseconds: 50 } as const;
const TIMES = 5;
const PATIENT_MS = 60_000;
/** The first part of an overload, in which it becomes known, is not counted. */
const LEAD = 1 / 5;
/** Time that a probe may wait while work for longer is there. */
const PROBE_MS = 1000;
const BACKLOG_SECONDS = 4;

export interface OverloadBench {
  /** Sentences a second, as many on their way as the worker holds. */
  readonly peak: number;
  /** Milliseconds, 99th percentile at half of that. */
  readonly halfP99: number;
  /** Deadline of calls under overload: twice that. */
  readonly deadlineMs: number;
  /** Sentences a second that were sent. */
  readonly offered: number;
  readonly calls: Readonly<Record<ArrivedCall["outcome"], number>>;
  /** Milliseconds, 99th percentile: of calls that were let in, those included that were late; of refusals. */
  readonly acceptedP99: number;
  readonly refusedP99: number;
  /** Sentences answered a second, as a part of the peak. */
  readonly goodput: number;
  /** The time that a refusal told to wait ÷ the time after which a call was let in, when nothing more came; of each trial. */
  readonly retryTruth: readonly number[];
}

/** Five times what a worker can do, against what it does at half load and at its peak. */
export async function benchOverload({ seconds, rounds }: { seconds: number; rounds: number }): Promise<OverloadBench> {
  const stack = await Stack.start({ engine: ENGINE, workers: 1 });
  const common = { model: "bench", sentences: SENTENCES, seconds, sentencesPerCall: 8 };
  const arrive = (sentencesPerSecond: number, deadlineMs: number) =>
    arrivals(stack.grpcPort, { ...common, callsPerSecond: sentencesPerSecond / common.sentencesPerCall, deadlineMs });
  try {
    const callers = (2 * ENGINE.batch) / common.sentencesPerCall;
    const { sentencesPerSecond: peak } = await load(stack.grpcPort, { ...common, callers });
    const halfP99 = p99(await arrive(peak / 2, PATIENT_MS));
    const deadlineMs = Math.ceil(2 * halfP99);
    const all = await arrive(TIMES * peak, deadlineMs);
    const over = all.slice(LEAD * all.length);
    const ended = (outcome: ArrivedCall["outcome"]) => over.filter((call) => call.outcome === outcome);
    const [answered, late, refused] = [ended("answered"), ended("late"), ended("refused")];
    const perSecond = common.sentencesPerCall / (seconds * (1 - LEAD));
    const retryTruth: number[] = [];
    for (let k = 0; k < rounds; k++) retryTruth.push(await truthOfRetry(stack.grpcPort, peak));
    return {
      peak,
      halfP99,
      deadlineMs,
      offered: over.length * perSecond,
      calls: { answered: answered.length, late: late.length, refused: refused.length, failed: ended("failed").length },
      acceptedP99: p99([...answered, ...late]),
      refusedP99: p99(refused),
      goodput: (answered.length * perSecond) / peak,
      retryTruth,
    };
  } finally {
    await stack.stop();
  }
}

/** Sends work for some seconds at once and then a call that will not wait for it, again and again until it is let in. */
async function truthOfRetry(grpcPort: number, peak: number): Promise<number> {
  const common = { model: "bench", sentences: SENTENCES };
  const once = { ...common, callsPerSecond: 1000, seconds: 0.05 };
  const sentencesPerCall = Math.ceil((BACKLOG_SECONDS * peak) / (once.callsPerSecond * once.seconds));
  const backlog = arrivals(grpcPort, { ...once, sentencesPerCall, deadlineMs: PATIENT_MS });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const probe = async () => {
    const one = { ...common, sentencesPerCall: 1, callsPerSecond: 200, seconds: 0.02, deadlineMs: PROBE_MS };
    return (await arrivals(grpcPort, one))[0];
  };
  const begun = performance.now();
  let told: number | undefined;
  for (;;) {
    const now = performance.now() - begun;
    const call = await probe();
    if (call?.outcome === "refused") told ??= call.retryAfterMs!;
    else if (call && told !== undefined) {
      await backlog;
      return told / now;
    } else if (call) {
      await backlog;
      return Number.NaN;
    }
  }
}

function p99(calls: readonly ArrivedCall[]): number {
  const times = calls.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  return times[Math.min(times.length - 1, Math.floor(0.99 * times.length))] ?? Number.NaN;
}
