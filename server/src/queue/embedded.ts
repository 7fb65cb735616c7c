import { setTimeout as sleep } from "node:timers/promises";
import { CarouselError } from "../errors.js";
import { Admission, type AdmissionOptions } from "./admission.js";
import { lineFor, lineOf } from "./line.js";
import {
  type Arrival,
  type Place,
  type QueueClient,
  type QueueWorker,
  type Segment,
  type SegmentProcessor,
  type ServedModel,
  stateOf,
} from "./port.js";
import { ReplyBook } from "./reply-book.js";

export type EmbeddedQueueOptions = AdmissionOptions;

/** What still waits then is answered with MODEL_GONE. */
const LONGEST_LEAVE_MS = 30_000;

interface Held {
  readonly segment: Segment;
  readonly controller: AbortController;
  readonly turn: number;
}

/** The queue of a single process: client and worker share a list. */
export function createEmbeddedQueue(options: EmbeddedQueueOptions): { client: QueueClient; worker: QueueWorker } {
  const queue = new EmbeddedQueue(options);
  return {
    client: queue,
    worker: {
      start: (p) => queue.start(p),
      announce: () => queue.leaveGone(),
      close: (graceMs) => queue.drain(graceMs),
    },
  };
}

class EmbeddedQueue implements QueueClient {
  readonly maxQueued: number;
  /** By turn, the lowest first. */
  private readonly waiting: Held[] = [];
  private readonly working = new Map<string, Held>();
  private readonly admission: Admission;
  private readonly book = new ReplyBook({
    withdraw: (id) => this.withdraw(id),
    ended: (event) => this.admission.ended(event),
    late: () => this.admission.lateAnswer(),
  });
  private processor: SegmentProcessor | undefined;
  private feeding = false;

  constructor(options: EmbeddedQueueOptions) {
    this.maxQueued = options.maxQueued;
    this.admission = new Admission({ ...options, capacity: () => this.processor?.capacity ?? 0 });
  }

  enter(arrival: Arrival): Place {
    return this.admission.enter(arrival);
  }

  submit(segment: Segment, onEvent: Parameters<QueueClient["submit"]>[1], signal?: AbortSignal): void {
    this.book.add(segment, onEvent, signal);
    if (!this.book.has(segment.id)) return;
    const refusal = this.admission.refusal(segment);
    if (refusal) {
      this.book.fail(segment.id, refusal);
      return;
    }
    this.line({ segment, controller: new AbortController(), turn: this.admission.turn(segment) });
    this.feed();
  }

  async models() {
    return this.processor?.models ?? [];
  }

  async knownWords(model: ServedModel) {
    return this.processor?.words?.(model);
  }

  async workers() {
    return this.processor ? [stateOf(this.processor)] : [];
  }

  async ready(): Promise<void> {
    if (!this.processor) throw new CarouselError("UNAVAILABLE", "no worker has started yet");
  }

  async depth(): Promise<number> {
    return this.waiting.length;
  }

  /** Whatever kills a worker kills this process: there is nobody left to put anything aside. */
  async quarantined() {
    return 0;
  }

  async close(): Promise<void> {
    this.book.giveAllUp(new CarouselError("UNAVAILABLE", "the server is shutting down"));
  }

  async start(processor: SegmentProcessor): Promise<void> {
    this.processor = processor;
    this.feed();
  }

  /** Those that wait for a version that is served no more are the last of it: the client sees at once what is served. */
  async leaveGone(): Promise<void> {
    const served = new Set(this.processor?.models.map(lineFor));
    const end = Date.now() + LONGEST_LEAVE_MS;
    const someWait = () => this.waiting.some(({ segment }) => !served.has(lineOf(segment)));
    while (this.processor && someWait() && Date.now() < end) {
      await sleep(10);
    }
  }

  async drain(graceMs: number): Promise<void> {
    const end = Date.now() + graceMs;
    while (this.working.size + this.waiting.length > 0 && Date.now() < end) await sleep(10);
    this.processor = undefined;
    for (const { controller } of this.working.values()) controller.abort();
  }

  /** Behind all whose turn is not later; most come last. */
  private line(held: Held): void {
    let at = this.waiting.length;
    while (at > 0 && this.waiting[at - 1]!.turn > held.turn) at--;
    this.waiting.splice(at, 0, held);
  }

  /** Gives the worker as many segments as it has room for. What it ends while it is given makes room for more. */
  private feed(): void {
    if (this.feeding) return;
    this.feeding = true;
    for (let taken = this.take(); taken.length > 0; taken = this.take()) this.give(taken);
    this.feeding = false;
  }

  /** The most urgent first. */
  private take(): Held[] {
    const room = (this.processor?.capacity ?? 0) - this.working.size;
    return this.waiting.splice(0, Math.max(0, room));
  }

  private give(taken: readonly Held[]): void {
    for (const held of taken) this.working.set(held.segment.id, held);
    const orders = taken.map(({ segment, controller }) => ({ segment, signal: controller.signal }));
    void this.processor?.process(orders, (event) => {
      this.book.deliver(event);
      if (event.type === "piece") return;
      this.working.delete(event.id);
      this.feed();
    });
  }

  private withdraw(id: string): void {
    this.working.get(id)?.controller.abort();
    const at = this.waiting.findIndex((held) => held.segment.id === id);
    if (at >= 0) this.waiting.splice(at, 1);
  }
}
