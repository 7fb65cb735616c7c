import { setTimeout as sleep } from "node:timers/promises";
import { translation } from "@carousel/protos";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ask, type Client, openClient } from "./client.js";
import { type Pair, readCorpus, SHIPPED } from "./corpus.js";
import { Fleet } from "./fleet.js";
import { type Code, History } from "./history.js";
import { quantile } from "./quantile.js";
import type { Random } from "./random.js";

const TIMES = 5;
const CALLERS_AT_PEAK = 8;
/** Load, gateway and worker share the machine's cores: where calls have one sentence, most of these go into refusing. */
const SENTENCES_PER_CALL = 16;
const PEAK_SECONDS = 10;
const HALF_SECONDS = 15;
const PATIENT_MS = 60_000;
const SHARE_OF_PEAK = 0.9;
const REFUSED_WITHIN_MS = 50;

export interface OverloadVerdict {
  readonly violations: readonly string[];
  /** Sentences answered a second, with eight callers at any time. */
  readonly peak: number;
  /** Milliseconds, at half of that. */
  readonly halfP99: number;
  /** Sentences a second that were sent, five times the peak. */
  readonly offered: number;
  /** Calls' deadline under overload, milliseconds: twice the p99 at half load. */
  readonly deadline: number;
  /** Milliseconds, of calls that were let in: answered, or not by their deadline. */
  readonly acceptedP99: number;
  readonly refusedP99: number;
  /** Sentences answered a second, as a part of the peak. */
  readonly goodput: number;
  /** Calls. */
  readonly counts: { readonly answered: number; readonly late: number; readonly refused: number };
  /** Which of the three figures are as they should be. */
  readonly targets: { readonly accepted: boolean; readonly refusals: boolean; readonly goodput: boolean };
}

/** Five times what a worker can do, for so many seconds, against what it does at half load and at its peak. */
export async function overload({ random, seconds }: { random: Random; seconds: number }): Promise<OverloadVerdict> {
  const corpus = await readCorpus(SHIPPED);
  const fleet = await Fleet.start({ gateways: 1, workers: 1, models: SHIPPED.folder });
  const client = openClient(fleet.grpcPorts);
  const calls = new Calls(client, corpus, random);
  try {
    await calls.together({ callers: CALLERS_AT_PEAK, seconds: 2 });
    const peak = rate(await calls.together({ callers: CALLERS_AT_PEAK, seconds: PEAK_SECONDS }), PEAK_SECONDS);
    const half = await calls.arriving({ perSecond: peak / 2, seconds: HALF_SECONDS, deadlineMs: PATIENT_MS });
    const halfP99 = quantile(half.map(milliseconds), 0.99);
    const deadline = Math.ceil(2 * halfP99);
    const over = await calls.arriving({ perSecond: TIMES * peak, seconds, deadlineMs: deadline });
    const ended = (code: Code) => over.filter((call) => call.code === code);
    const [answered, late, refused] = [ended("OK"), ended("DEADLINE_EXCEEDED"), ended("RESOURCE_EXHAUSTED")];
    const acceptedP99 = quantile([...answered, ...late].map(milliseconds), 0.99);
    const refusedP99 = quantile(refused.map(milliseconds), 0.99);
    const goodput = rate(over, seconds) / peak;
    return {
      violations: [...fleet.crashes(), ...calls.history.violations(["RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"])],
      peak,
      halfP99,
      offered: (SENTENCES_PER_CALL * over.length) / seconds,
      deadline,
      acceptedP99,
      refusedP99,
      goodput,
      counts: { answered: answered.length, late: late.length, refused: refused.length },
      targets: {
        accepted: acceptedP99 <= 2 * halfP99,
        refusals: refusedP99 < REFUSED_WITHIN_MS,
        goodput: goodput >= SHARE_OF_PEAK,
      },
    };
  } finally {
    client.close();
    await fleet.stop();
  }
}

interface Call {
  readonly code: Code;
  readonly milliseconds: number;
}

class Calls {
  readonly history = new History();

  constructor(
    private readonly client: Client,
    private readonly corpus: readonly Pair[],
    private readonly random: Random,
  ) {}

  /** So many callers, each of which sends the next when it has its answer. */
  async together({ callers, seconds }: { callers: number; seconds: number }): Promise<Call[]> {
    const calls: Call[] = [];
    const end = performance.now() + 1000 * seconds;
    const caller = async () => {
      while (performance.now() < end) calls.push(await this.one(PATIENT_MS));
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return calls;
  }

  /** Calls that come at random, with so many sentences a second, whatever becomes of those before. */
  async arriving(options: { perSecond: number; seconds: number; deadlineMs: number }): Promise<Call[]> {
    const { perSecond, seconds, deadlineMs } = options;
    const calls: Promise<Call>[] = [];
    const begun = performance.now();
    let due = 0;
    for (;;) {
      due -= ((1000 * SENTENCES_PER_CALL) / perSecond) * Math.log(1 - this.random.below(1 << 20) / (1 << 20));
      if (due > 1000 * seconds) return Promise.all(calls);
      const early = begun + due - performance.now();
      if (early > 1) await sleep(early);
      calls.push(this.one(deadlineMs));
    }
  }

  private async one(deadlineMs: number): Promise<Call> {
    const { model, options } = SHIPPED;
    const asked = Array.from({ length: SENTENCES_PER_CALL }, () =>
      this.history.ask("call", this.random.of(this.corpus)),
    );
    const texts = asked.map(({ pair }) => pair.source);
    const message = translation.TranslateRequest.fromPartial({ model, options, texts });
    const called = performance.now();
    const deadline = Date.now() + deadlineMs;
    const code = await ask<translation.TranslateResponse>((done) =>
      this.client.translation.translate(message, new Metadata(), { deadline }, done),
    ).then(
      (answer) => {
        for (const [k, request] of asked.entries()) {
          this.history.answered(request, answer.translations[k]?.hypotheses[0]?.text ?? "");
        }
        return "OK" as const;
      },
      (error: ServiceError) => {
        for (const request of asked) this.history.refused(request, error);
        return status[error.code] as Code;
      },
    );
    return { code, milliseconds: performance.now() - called };
  }
}

function milliseconds(call: Call): number {
  return call.milliseconds;
}

/** Sentences answered a second. */
function rate(calls: readonly Call[], seconds: number): number {
  return (SENTENCES_PER_CALL * calls.filter(({ code }) => code === "OK").length) / seconds;
}
