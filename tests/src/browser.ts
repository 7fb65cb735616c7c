import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** Chromium on this machine, if there is one. */
export const chromium = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((folder) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(folder, name)))
  .find(existsSync);

interface Reply {
  readonly id?: number;
  readonly error?: object;
  readonly result: { readonly [key: string]: unknown };
}

/** A page in a browser without a window, driven by the DevTools protocol over a pipe. */
export interface BrowserPage {
  /** The value of an expression in the page, when its promise is kept. @throws Error what it throws */
  evaluate(expression: string): Promise<unknown>;
  /** Waits until an expression is true. @throws Error when it never is */
  until(expression: string): Promise<void>;
  close(): Promise<void>;
}

/** @param url of the page @throws Error when the browser does not start */
export async function openPage(url: string): Promise<BrowserPage> {
  const profile = await mkdtemp(join(tmpdir(), "carousel-browser-"));
  const flags = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
  ];
  const child = spawn(chromium!, [...flags, `--user-data-dir=${profile}`, "about:blank"], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const waiting = new Map<number, (reply: Reply) => void>();
  let received = "";
  (child.stdio[4] as Readable).setEncoding("utf8").on("data", (data: string) => {
    const replies = (received + data).split("\0");
    received = replies.pop()!;
    for (const reply of replies.map((text): Reply => JSON.parse(text))) waiting.get(reply.id ?? -1)?.(reply);
  });
  const send = async (method: string, params: object, sessionId?: unknown): Promise<Reply["result"]> => {
    const id = waiting.size + 1;
    const replied = new Promise<Reply>((resolve) => waiting.set(id, resolve));
    (child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { error, result } = await replied;
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  };
  const { targetId } = await send("Target.createTarget", { url });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const evaluate = async (expression: string) => {
    // a browser lets only a user copy
    const options = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
    const { result, exceptionDetails } = await send("Runtime.evaluate", options, sessionId);
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value?: unknown }).value;
  };
  return {
    evaluate,
    until: async (expression) => {
      const end = Date.now() + 20_000;
      while (!(await evaluate(expression).catch(() => false))) {
        if (Date.now() > end) throw new Error(`it is never true that ${expression}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    close: async () => {
      child.kill("SIGKILL");
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
