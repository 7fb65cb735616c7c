import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { CarouselError } from "../errors.js";
import type { Answer, Said, ToCut } from "./cutting-thread.js";
import { BATCH_FORMATS, type BatchFormat } from "./formats/index.js";
import { cutBytes, invalidDocument } from "./formats/text.js";
import type { Unit } from "./formats/unit.js";
import { Places } from "./places.js";

/** Formats that are work to read; the others are cut at once where they come in. */
const IN_A_THREAD: ReadonlySet<BatchFormat> = new Set(["tmx", "xliff", "markdown"]);
/** Documents that are cut at once; the others wait. */
const THREADS = 2;
/** Of a thread, for what lives short, beside the bound that is set. */
const YOUNG_MEGABYTES = 16;

/** A document that stands still keeps others waiting. */
const PATIENCE_MS = { sender: 30_000, reader: 120_000 };

export interface DocumentCutterOptions {
  /** Memory that one document may take while it is cut, 2^20 bytes. */
  readonly megabytes: number;
  /** Milliseconds for which a document may keep a thread waiting for its next piece, or busy between two units. */
  readonly patienceMs?: { readonly sender: number; readonly reader: number };
}

export interface Cutting extends ToCut {
  /** Aborted when nobody waits for the document any more. */
  readonly signal: AbortSignal;
}

/**
 * Decides where documents are cut into units: what takes long, or much memory, in threads, so that neither a large document
 * nor a bad one holds up what else the process does.
 */
export class DocumentCutter {
  private readonly places = new Places(THREADS);
  private readonly megabytes: number;
  private readonly patienceMs: { readonly sender: number; readonly reader: number };

  constructor({ megabytes, patienceMs = PATIENCE_MS }: DocumentCutterOptions) {
    this.megabytes = megabytes;
    this.patienceMs = patienceMs;
  }

  /** @throws CarouselError as the format's cut does; CANCELLED; INVALID_ARGUMENT when it takes more memory or time than it may */
  cut(bytes: AsyncIterable<Uint8Array>, cutting: Cutting): AsyncGenerator<Unit, string> {
    const { format, languages } = cutting;
    return IN_A_THREAD.has(format)
      ? this.cutInThread(bytes, cutting)
      : cutBytes(bytes, [BATCH_FORMATS[format], languages]);
  }

  private async *cutInThread(
    bytes: AsyncIterable<Uint8Array>,
    { signal, ...toCut }: Cutting,
  ): AsyncGenerator<Unit, string> {
    if (!(await this.places.enter(signal))) throw cancelled();
    const thread = new Worker(new URL("./cutting-thread.js", import.meta.url), {
      workerData: toCut satisfies ToCut,
      resourceLimits: { maxOldGenerationSizeMb: this.megabytes, maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
    const stop = new AbortController();
    const cancel = () => stop.abort(cancelled());
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel);
    thread.on("error", (error) => stop.abort(this.faultOf(error)));
    try {
      return yield* this.converse(thread, { bytes, stop });
    } finally {
      signal.removeEventListener("abort", cancel);
      await thread.terminate();
      this.places.leave();
    }
  }

  /** The thread speaks, and is answered, in turns. */
  private async *converse(
    thread: Worker,
    { bytes, stop }: { bytes: AsyncIterable<Uint8Array>; stop: AbortController },
  ): AsyncGenerator<Unit, string> {
    const { sender, reader } = this.patienceMs;
    const slowReader = () => invalidDocument(`is not read within ${reader / 1000} s; cut it into several`);
    const slowSender = () =>
      new CarouselError("DEADLINE_EXCEEDED", `nothing came of the document for ${sender / 1000} s`);
    const pieces = bytes[Symbol.asyncIterator]();
    const hear = () =>
      this.patiently(once(thread, "message") as Promise<[Said]>, { stop, ms: reader, fault: slowReader });
    try {
      let heard = hear();
      for (;;) {
        const [said] = await heard;
        if (said.type === "end") return said.tail;
        if (said.type === "fault") throw new CarouselError(said.code, said.message, said.details);
        let answer: Answer;
        if (said.type === "units") yield* said.units;
        else {
          const { value } = await this.patiently(pieces.next(), { stop, ms: sender, fault: slowSender });
          answer = value && new Uint8Array(value); // of a buffer of its own: the thread gets all of a buffer
        }
        heard = hear();
        thread.postMessage(answer, answer ? [answer.buffer as ArrayBuffer] : []);
      }
    } finally {
      pieces.return?.()?.catch(() => {}); // it may never come to an end: that is not waited for
    }
  }

  /** @throws what `stop` was aborted with, which the fault is when it takes too long */
  private async patiently<T>(
    turn: Promise<T>,
    { stop, ms, fault }: { stop: AbortController; ms: number; fault: () => CarouselError },
  ): Promise<T> {
    const timer = setTimeout(() => stop.abort(fault()), ms);
    let interrupt = () => {};
    const interrupted = new Promise<never>((_, reject) => {
      interrupt = () => reject(stop.signal.reason);
    });
    if (stop.signal.aborted) interrupt();
    stop.signal.addEventListener("abort", interrupt);
    try {
      return await Promise.race([turn, interrupted]);
    } finally {
      clearTimeout(timer);
      stop.signal.removeEventListener("abort", interrupt);
    }
  }

  private faultOf(error: Error): CarouselError {
    if ((error as NodeJS.ErrnoException).code !== "ERR_WORKER_OUT_OF_MEMORY") {
      return new CarouselError("INTERNAL", `the document cannot be cut: ${error.message}`);
    }
    return invalidDocument(`takes more than ${this.megabytes} MiB of memory to read; cut it into several`);
  }
}

function cancelled(): CarouselError {
  return new CarouselError("CANCELLED", "nobody waits for the document any more: no job was made");
}
