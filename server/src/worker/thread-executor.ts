import { Worker } from "node:worker_threads";
import { CarouselError } from "../errors.js";
import type { ThreadData, ThreadReply, ThreadRequest } from "./engine-thread.js";
import type { BatchName, Executor } from "./executor.js";
import { Outstanding } from "./outstanding.js";
import type { Advanced, AdvanceRequest } from "./running-batch.js";

/** A run that has been asked for. */
class Pending {
  resolve!: (advanced: Advanced) => void;
  reject!: (error: Error) => void;
  readonly promise = new Promise<Advanced>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** Of the threads that live. */
const works = new Set<Outstanding>();
process.on("exit", () => {
  for (const work of works) work.wait();
});

/** Decoders in a thread of their own. */
export class ThreadExecutor implements Executor {
  private readonly worker: Worker;
  private readonly outstanding = new Outstanding();
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private broken: Error | undefined;

  private constructor(options: Omit<ThreadData, "outstanding">) {
    works.add(this.outstanding);
    this.outstanding.begin(); // loading
    const workerData: ThreadData = { ...options, outstanding: this.outstanding.memory };
    this.worker = new Worker(new URL("./engine-thread.js", import.meta.url), { workerData });
    this.worker.on("message", (reply: ThreadReply) => this.receive(reply));
    this.worker.on("error", (error) => this.breakDown(error));
    this.worker.on("exit", () => this.breakDown(new CarouselError("UNAVAILABLE", "the engine thread has ended")));
  }

  /** Resolves when all models are loaded. @throws Error saying which bundle does not load and why */
  static async start(options: Omit<ThreadData, "outstanding">): Promise<ThreadExecutor> {
    const executor = new ThreadExecutor(options);
    const { worker } = executor;
    const reply = await new Promise<ThreadReply>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    if (reply.type === "ready") return executor;
    await executor.close();
    throw new CarouselError(
      "FAILED_PRECONDITION",
      reply.type === "failed" ? reply.message : "the engine did not start",
    );
  }

  advance(name: BatchName, request: AdvanceRequest): Promise<Advanced> {
    if (this.broken) return Promise.reject(this.broken);
    const id = ++this.lastId;
    const message: ThreadRequest = { id, name, request };
    this.outstanding.begin();
    this.worker.postMessage(message, [request.forced.buffer as ArrayBuffer, request.uniform.buffer as ArrayBuffer]);
    const pending = new Pending();
    this.pending.set(id, pending);
    return pending.promise;
  }

  /** Runs that have begun come to their end; no other begins. */
  async close(): Promise<void> {
    this.broken ??= new CarouselError("UNAVAILABLE", "the engine is closed");
    await Promise.allSettled([...this.pending.values()].map(({ promise }) => promise));
    await this.worker.terminate();
  }

  private receive(reply: ThreadReply): void {
    if (reply.type !== "advanced" && reply.type !== "error") return;
    const waiting = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (reply.type === "advanced") waiting?.resolve(reply.advanced);
    else waiting?.reject(new Error(reply.message));
  }

  private breakDown(error: Error): void {
    works.delete(this.outstanding);
    this.broken ??= error;
    for (const { reject } of this.pending.values()) reject(this.broken);
    this.pending.clear();
  }
}
