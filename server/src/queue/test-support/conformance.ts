import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { QueueClient, QueueWorker } from "../port.js";
import { Capitals, MODEL, segment, submit, textOf, until } from "./capitals.js";

export interface Driver {
  /** A client and workers that share one empty queue. */
  open(options: { maxQueued: number }): Promise<{ client: QueueClient; workers: QueueWorker[] }>;
}

/** What every driver of the queue promises. */
export function describeQueue(name: string, driver: Driver): void {
  describe(`the queue port: ${name}`, () => {
    let client: QueueClient;
    let workers: QueueWorker[];
    let processor: Capitals;

    beforeEach(async () => {
      ({ client, workers } = await driver.open({ maxQueued: 50 }));
      processor = new Capitals();
    });
    afterEach(async () => {
      for (const worker of workers) await worker.close(1000);
      await client.close();
    });
    const start = () => Promise.all(workers.map((w) => w.start(processor)));

    it("answers each segment once, with its own text", async () => {
      await start();
      const texts = Array.from({ length: 40 }, (_, k) => `text ${k}`);
      const answers = await Promise.all(texts.map((text) => submit(client, segment(text))));
      expect(answers.map(textOf)).toEqual(texts.map((t) => t.toUpperCase()));
      expect(answers.every((events) => events.length === 1)).toBe(true);
    });

    it("gives pieces in order, then the result", async () => {
      await start();
      const events = await submit(client, segment("abc", { stream: true }));
      expect(events.map((e) => (e.type === "piece" ? e.text : e.type))).toEqual(["A", "B", "C", "result"]);
    });

    it("publishes the models of its workers", async () => {
      await start();
      expect(await client.models()).toEqual([MODEL]);
    });

    it("says which words a model has seen, where that is known", async () => {
      await start();
      const words = await client.knownWords(MODEL);
      expect(["Tom", "Robert"].map((word) => words!.has(word))).toEqual([true, false]);
      expect(await client.knownWords({ ...MODEL, name: "other", version: "fedcba9876543210" })).toBeUndefined();
    });

    it("keeps segments until a worker comes", async () => {
      const answer = submit(client, segment("early"));
      await new Promise((resolve) => setTimeout(resolve, 50));
      await start();
      expect(textOf(await answer)).toBe("EARLY");
    });

    it("ends a segment at its deadline, worker or not", async () => {
      const events = await submit(client, segment("late", { deadline: Date.now() + 60 }));
      expect(events).toMatchObject([{ type: "error", error: { code: "DEADLINE_EXCEEDED" } }]);
    });

    it("ends a cancelled segment at once, and tells the worker", async () => {
      let open = () => {};
      processor.gate = new Promise((resolve) => {
        open = resolve;
      });
      await start();
      const controller = new AbortController();
      const wanted = segment("never");
      const answer = submit(client, wanted, controller.signal);
      await until(() => processor.seen.some((o) => o.segment.id === wanted.id));
      controller.abort();
      expect(await answer).toMatchObject([{ type: "error", error: { code: "CANCELLED" } }]);
      await until(() => processor.seen.find((o) => o.segment.id === wanted.id)!.signal.aborted);
      open();
    });

    it("leaves nothing to do for a client that has closed", async () => {
      processor = new Capitals(1);
      processor.gate = new Promise(() => {});
      const begun = submit(client, segment("begun"));
      const worker = workers[0]!;
      await worker.start(processor);
      await until(() => processor.seen.length === 1);
      const waiting = Array.from({ length: 5 }, (_, k) => submit(client, segment(`waiting ${k}`)));
      await until(async () => (await client.depth()) > 0);
      await client.close();
      expect((await Promise.all([begun, ...waiting])).map(textOf)).toEqual(new Array(6).fill("UNAVAILABLE"));
      await until(() => processor.seen.every(({ signal }) => signal.aborted));
      await worker.close(60_000);
      expect(processor.seen.map((order) => order.segment.text)).toEqual(["begun"]);
    });

    it("refuses what does not fit, and says when to come again", async () => {
      const answers = Array.from({ length: 80 }, (_, k) =>
        submit(client, segment(`${k}`, { deadline: Date.now() + 500 })),
      );
      const events = (await Promise.all(answers)).flat();
      const refused = events.filter((e) => e.type === "error" && e.error.code === "RESOURCE_EXHAUSTED");
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.every((e) => e.type === "error" && e.error.details!.retryAfterMs! > 0)).toBe(true);
    });

    it("lets a share in, and lets it go ahead, whatever another has waiting", async () => {
      const [greedy, modest] = [
        { name: "greedy", weight: 1 },
        { name: "modest", weight: 1 },
      ];
      const text = "a text of some length, so that there is something to do";
      const flood = Array.from({ length: 60 }, () => submit(client, segment(text, { share: greedy })));
      const small = submit(client, segment("small", { share: modest }));
      processor = new Capitals(4);
      await start();
      expect(textOf(await small)).toBe("SMALL");
      const answers = (await Promise.all(flood)).map(textOf);
      expect(answers.filter((answer) => answer === "RESOURCE_EXHAUSTED")).toHaveLength(10);
      // of the other's 50 at most a job of 32, which a second worker took at the same time
      expect(processor.seen.findIndex((order) => order.segment.text === "small")).toBeLessThan(40);
    });
  });
}
