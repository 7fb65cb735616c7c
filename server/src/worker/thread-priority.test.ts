import { getPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";

const SCRIPT = `
import { getPriority } from "node:os";
import { readlinkSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { yieldToOthers } from ${JSON.stringify(new URL("./thread-priority.js", import.meta.url).href)};
yieldToOthers();
parentPort.postMessage(getPriority(Number(readlinkSync("/proc/thread-self").split("/").at(-1))));
`;

it.runIf(process.platform === "linux")("puts a thread behind the main thread, and that one alone", async () => {
  const before = getPriority();
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(SCRIPT)}`));
  const niceness = await new Promise<number>((resolve, reject) => {
    thread.once("message", resolve);
    thread.once("error", reject);
  });
  expect(niceness).toBe(before + 5);
  expect(getPriority()).toBe(before);
});
