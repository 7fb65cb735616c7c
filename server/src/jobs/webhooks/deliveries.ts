import type { BatchJob, JobSettings, JobState } from "../job.js";
import type { JobFiles } from "../job-files.js";
import type { Leases } from "../leases.js";
import type { Networks } from "./networks.js";
import { post } from "./post.js";
import { type Delivery, nextAttemptMs, signed, type Webhook } from "./webhook.js";

const TIMEOUT_MS = 10_000;
/** The receiver does not want to be told any more. */
const GONE = 410;

interface Means {
  readonly files: JobFiles;
  readonly leases: Leases;
  readonly networks: Networks;
  readonly get: (id: string) => Promise<BatchJob>;
  /** An attempt has been made. */
  readonly onAttempt: (id: string) => void;
  readonly onTrouble: (id: string, problem: string) => void;
}

/** Tells of jobs that have ended, at least once each, until the receiver has taken it or it is given up. */
export class Deliveries {
  private readonly onTheirWay = new Map<string, { made: Promise<void>; controller: AbortController }>();
  private closed = false;

  constructor(private readonly means: Means) {}

  /** Makes an attempt where one is due and no other process makes it. true: there is nothing more to tell. */
  async attend({ id, webhook }: JobSettings, { endedMs }: JobState): Promise<boolean> {
    if (!webhook || endedMs === undefined) return true;
    const delivery = (await this.means.files.delivery(id)) ?? { endedMs, attempts: 0, nextMs: 0 };
    const current = delivery.endedMs === endedMs ? delivery : { endedMs, attempts: 0, nextMs: 0 };
    if (current.nextMs === undefined) return true;
    if (current.nextMs > Date.now() || this.closed || this.onTheirWay.has(id)) return false;
    const controller = new AbortController();
    const made = this.attempt(id, { webhook, delivery: current, signal: controller.signal })
      .catch((error) => this.means.onTrouble(id, `its webhook: ${(error as Error).message}`))
      .finally(() => this.onTheirWay.delete(id));
    this.onTheirWay.set(id, { made, controller });
    return false;
  }

  /** Resolves when nothing is sent for a job any more; an attempt that was cut off is made again, here or elsewhere. */
  async stop(id: string): Promise<void> {
    const known = this.onTheirWay.get(id);
    known?.controller.abort();
    await known?.made;
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.onTheirWay.keys()].map((id) => this.stop(id)));
  }

  private async attempt(
    id: string,
    { webhook, delivery, signal }: { webhook: Webhook; delivery: Delivery; signal: AbortSignal },
  ): Promise<void> {
    const { files, leases, onTrouble } = this.means;
    if (!(await leases.take(id))) return;
    try {
      const outcome = await this.send(webhook, { id, endedMs: delivery.endedMs, signal });
      if (signal.aborted) return;
      const attempts = delivery.attempts + 1;
      const nextMs = outcome.isFinal ? undefined : nextAttemptMs(attempts, Date.now());
      const error = outcome.error === undefined ? {} : { error: outcome.error };
      const done = outcome.error === undefined ? { deliveredMs: Date.now() } : {};
      await files.writeDelivery(id, {
        endedMs: delivery.endedMs,
        attempts,
        ...(nextMs === undefined ? {} : { nextMs }),
        ...error,
        ...done,
      });
      if (outcome.error !== undefined) onTrouble(id, `its webhook: ${outcome.error}`);
    } finally {
      await leases.drop(id);
    }
    this.onTheirWay.delete(id);
    this.means.onAttempt(id);
  }

  private async send(
    { url, secret }: Webhook,
    { id, endedMs, signal }: { id: string; endedMs: number; signal: AbortSignal },
  ): Promise<{ error?: string; isFinal: boolean }> {
    const { state, model, format, total, completed, failed, characters, createdMs } = await this.means.get(id);
    const data = { id, state, model, format, total, completed, failed, characters, createdMs, endedMs };
    const body = JSON.stringify({ type: `batch.${state}`, timestamp: new Date(endedMs).toISOString(), data });
    const { networks } = this.means;
    const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const headers = signed(body, { id: `${id}-${endedMs}`, secret, atMs: Date.now() });
    try {
      const status = await post(new URL(url), { body, headers, networks, signal: within });
      if (status >= 200 && status < 300) return { isFinal: true };
      const redirect = status >= 300 && status < 400 ? "; redirects are not followed" : "";
      return { error: `${new URL(url).host} answered ${status}${redirect}`, isFinal: status === GONE };
    } catch (error) {
      const reason = within.aborted ? `no answer within ${TIMEOUT_MS / 1000} s` : (error as Error).message;
      return { error: reason, isFinal: false };
    }
  }
}
