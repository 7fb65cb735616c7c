import { Worker } from "node:worker_threads";
import { CarouselError } from "../errors.js";
import type { ThreadData, ThreadReply, ThreadRequest } from "./engine-thread.js";
import type { BatchName, Executor } from "./executor.js";
import type { Advanced, AdvanceRequest } from "./running-batch.js";

interface Pending {
  resolve(advanced: Advanced): void;
  reject(error: Error): void;
}

/** Decoders in a thread of their own. */
export class ThreadExecutor implements Executor {
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private broken: Error | undefined;

  private constructor(private readonly worker: Worker) {
    worker.on("message", (reply: ThreadReply) => this.receive(reply));
    worker.on("error", (error) => this.breakDown(error));
    worker.on("exit", () => this.breakDown(new CarouselError("UNAVAILABLE", "the engine thread has ended")));
  }

  /** Resolves when all models are loaded. @throws Error saying which bundle does not load and why */
  static async start(data: ThreadData): Promise<ThreadExecutor> {
    const worker = new Worker(new URL("./engine-thread.js", import.meta.url), { workerData: data });
    const reply = await new Promise<ThreadReply>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    if (reply.type === "ready") return new ThreadExecutor(worker);
    await worker.terminate();
    throw new CarouselError(
      "FAILED_PRECONDITION",
      reply.type === "failed" ? reply.message : "the engine did not start",
    );
  }

  advance(name: BatchName, request: AdvanceRequest): Promise<Advanced> {
    if (this.broken) return Promise.reject(this.broken);
    return new Promise((resolve, reject) => {
      const id = ++this.lastId;
      this.pending.set(id, { resolve, reject });
      const message: ThreadRequest = { id, name, request };
      this.worker.postMessage(message, [request.forced.buffer as ArrayBuffer, request.uniform.buffer as ArrayBuffer]);
    });
  }

  async close(): Promise<void> {
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
    this.broken ??= error;
    for (const { reject } of this.pending.values()) reject(this.broken);
    this.pending.clear();
  }
}
