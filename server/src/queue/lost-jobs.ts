import type { Segment } from "./port.js";

const LOOK_MS = 1000;
/** A job is looked for from this age on: nearly all are answered before. */
const OLD_MS = 2000;

interface Sent {
  readonly segments: readonly Segment[];
  readonly atMs: number;
  /** It was not there when it was last looked for. */
  missing: boolean;
}

/**
 * The jobs that a gateway has sent and the answers it still waits for. A job that is gone from the queue while its answer
 * has not come has lost it (Redis was emptied, or went back behind the answer): what is unanswered is sent again. It is
 * missed twice before, because the answer of a job that ended may still be on its way. A job that nobody waits for any
 * more is taken out, and so is one of a version of a model that nobody serves any more while another version is served.
 */
export class LostJobs {
  private readonly sent = new Map<string, Sent>();
  private readonly withdrawn = new Set<string>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly options: {
      isWanted(segment: Segment): boolean;
      isQueued(job: string): Promise<boolean>;
      /** Takes it out of the queue, unless a worker holds it. @returns whether it is gone */
      remove(job: string): Promise<boolean>;
      /** Whether nobody serves the segment's version any more, but another of its model. */
      isOutdated(segment: Segment): Promise<boolean>;
      /** Nobody will answer these. */
      giveUp(segments: readonly Segment[]): void;
      resend(segments: readonly Segment[]): void;
      /** Milliseconds since the epoch. */
      now(): number;
    },
  ) {
    this.timer = setInterval(() => void this.look().catch(() => {}), LOOK_MS);
  }

  add(job: string, segments: readonly Segment[]): void {
    this.sent.set(job, { segments, atMs: this.options.now(), missing: false });
  }

  /** Looks a last time, for what was withdrawn. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.look().catch(() => {});
  }

  /** Nobody waits for this segment any more. */
  withdraw(segment: string): void {
    this.withdrawn.add(segment);
  }

  /** @throws Error when the queue cannot be asked; nothing is lost then, as far as is known */
  async look(): Promise<void> {
    const { isWanted, now } = this.options;
    const looks: Promise<void>[] = [];
    for (const [job, sent] of this.sent) {
      if (!sent.segments.some(isWanted)) looks.push(this.forget(job, sent));
      else if (now() - sent.atMs >= OLD_MS) looks.push(this.lookFor(job, sent));
    }
    this.withdrawn.clear();
    await Promise.all(looks);
  }

  private async leaveOutdated(job: string, { segments }: Sent): Promise<void> {
    const { isOutdated, remove, giveUp } = this.options;
    if (!(await isOutdated(segments[0]!)) || !(await remove(job))) return;
    if (this.sent.delete(job)) giveUp(segments);
  }

  private async forget(job: string, { segments }: Sent): Promise<void> {
    this.sent.delete(job);
    const waits = segments.some(({ id }) => this.withdrawn.has(id));
    if (waits) await this.options.remove(job).catch(() => {}); // a worker holds it, and has been told
  }

  private async lookFor(job: string, sent: Sent): Promise<void> {
    const { isWanted, isQueued, resend } = this.options;
    if (await isQueued(job)) {
      sent.missing = false;
      await this.leaveOutdated(job, sent);
    } else if (!sent.missing) {
      sent.missing = true;
    } else if (this.sent.delete(job)) {
      resend(sent.segments.filter(isWanted));
    }
  }
}
