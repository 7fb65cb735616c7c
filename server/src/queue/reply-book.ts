import type { CarouselError } from "../errors.js";
import type { Segment, SegmentEvent, SegmentFailure } from "./port.js";
import { SharedSignals } from "./shared-signals.js";

type OnEvent = (event: SegmentEvent) => void;

interface Entry {
  readonly onEvent: OnEvent;
  readonly timer: NodeJS.Timeout;
  readonly release: () => void;
  /** Pieces given so far, to drop those that a second worker sends again. */
  pieces: number;
}

/** Why nobody waits for an answer any more. */
export type Withdrawal = "CANCELLED" | "DEADLINE_EXCEEDED";

const MESSAGES: Readonly<Record<Withdrawal, string>> = {
  CANCELLED: "the caller cancelled the request",
  DEADLINE_EXCEEDED: "the deadline passed before the answer",
};

export function withdrawn(why: Withdrawal): SegmentFailure {
  return { code: why, message: MESSAGES[why] };
}

/** setTimeout counts in 32 bits. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Who waits for which segment. Each gets its pieces in order and exactly one last event: the first that comes of the
 * worker's answer, the deadline, and the caller's own cancellation; all that comes later is dropped.
 */
export class ReplyBook {
  private readonly entries = new Map<string, Entry>();
  private readonly signals = new SharedSignals();

  constructor(
    private readonly hooks: {
      /** The answer is not wanted any more: the worker may be told. */
      withdraw(id: string, why: Withdrawal): void;
      /** A segment has its last event. */
      ended(event: SegmentEvent): void;
      /** A worker has ended one that nobody waits for any more. */
      late(): void;
    },
  ) {}

  get size(): number {
    return this.entries.size;
  }

  has(id: string): boolean {
    return this.entries.has(id);
  }

  add(segment: Segment, onEvent: OnEvent, signal?: AbortSignal): void {
    const { id, deadline } = segment;
    const cancel = () => this.give(id, "CANCELLED");
    const expire = () => this.give(id, "DEADLINE_EXCEEDED");
    const timer = setTimeout(expire, Math.min(LONGEST_TIMER, Math.max(0, deadline - Date.now())));
    const deafen = signal && !signal.aborted ? this.signals.listen(signal, cancel) : () => {};
    const release = () => {
      clearTimeout(timer);
      deafen();
    };
    this.entries.set(id, { onEvent, timer, release, pieces: 0 });
    if (signal?.aborted) cancel();
  }

  /** An event from a worker. */
  deliver(event: SegmentEvent): void {
    const entry = this.entries.get(event.id);
    if (entry) this.pass(event, entry);
    else if (event.type !== "piece") this.hooks.late();
  }

  /** Ends one segment with an error of this side. */
  fail(id: string, { code, message, details = {} }: SegmentFailure): void {
    const entry = this.entries.get(id);
    if (entry) this.pass({ id, type: "error", error: { code, message, details } }, entry);
  }

  /** Ends all with an error of this side; their answers are not wanted any more. */
  giveAllUp(error: CarouselError): void {
    for (const id of [...this.entries.keys()]) {
      this.fail(id, error);
      this.hooks.withdraw(id, "CANCELLED");
    }
  }

  private give(id: string, why: Withdrawal): void {
    if (!this.entries.has(id)) return;
    this.fail(id, withdrawn(why));
    this.hooks.withdraw(id, why);
  }

  private pass(event: SegmentEvent, entry: Entry): void {
    if (event.type === "piece") {
      if (event.index < entry.pieces) return;
      entry.pieces = event.index + 1;
    } else {
      this.remove(event.id, entry);
      this.hooks.ended(event);
    }
    entry.onEvent(event);
  }

  private remove(id: string, entry: Entry): void {
    this.entries.delete(id);
    entry.release();
  }
}
