import { parentPort, workerData } from "node:worker_threads";
import { type BatchName, LocalExecutor } from "./executor.js";
import { type LoadOptions, loadModel } from "./load-model.js";
import { Outstanding } from "./outstanding.js";
import type { Advanced, AdvanceRequest } from "./running-batch.js";
import { yieldToOthers } from "./thread-priority.js";

/** What the thread is started with. */
export type ThreadData = LoadOptions & {
  readonly folders: readonly string[];
  /** Of an Outstanding, which counts loading as the first piece of work. */
  readonly outstanding: SharedArrayBuffer;
};

export interface ThreadRequest {
  readonly id: number;
  readonly name: BatchName;
  readonly request: AdvanceRequest;
}

export type ThreadReply =
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "advanced"; readonly id: number; readonly advanced: Advanced }
  | { readonly type: "error"; readonly id: number; readonly message: string };

const port = parentPort!;
const data = workerData as ThreadData;
const outstanding = new Outstanding(data.outstanding);

/** Every reply ends a piece of work. */
function send(reply: ThreadReply, transfer: ArrayBuffer[] = []): void {
  port.postMessage(reply, transfer);
  outstanding.end();
}

/** Holds the sessions of all models: a session blocks the event loop of the thread that runs it. */
async function main({ folders, outstanding: _, ...options }: ThreadData): Promise<void> {
  yieldToOthers();
  const loaded = await Promise.all(folders.map((folder) => loadModel(folder, options)));
  const executor = new LocalExecutor(new Map(loaded.map((model) => [model.manifest.name, model])));
  port.on("message", async ({ id, name, request }: ThreadRequest) => {
    try {
      const advanced = await executor.advance(name, request);
      send({ type: "advanced", id, advanced }, buffersOf(advanced));
    } catch (error) {
      send({ type: "error", id, message: messageOf(error) });
    }
  });
  send({ type: "ready" });
}

/** Buffers that go to the other thread without a copy; a session's own outputs are left to it. */
function buffersOf({ tokens, parents }: Advanced): ArrayBuffer[] {
  return [tokens.buffer as ArrayBuffer, parents.buffer as ArrayBuffer];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

main(data).catch((error) => {
  send({ type: "failed", message: messageOf(error) });
});
