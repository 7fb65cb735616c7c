import { describe, expect, it } from "vitest";
import { Admission } from "./admission.js";
import type { Segment } from "./port.js";
import { resultOf, segment } from "./test-support/capitals.js";

/** Workers that do one segment every `everyMs`, the first after `firstMs`, in order, in a time of the test's own. */
function world(
  everyMs: number,
  {
    firstMs = everyMs,
    capacity = 0,
    ...options
  }: { firstMs?: number; maxQueued?: number; maxWaitMs?: number; capacity?: number } = {},
) {
  let now = 1_000_000;
  const admission = new Admission({ maxQueued: 10_000, ...options, capacity: () => capacity, now: () => now });
  let waiting: ReturnType<typeof segment>[] = [];
  let next = now + firstMs;
  const world = {
    admission,
    ask(changes: Partial<Pick<Segment, "priority" | "requestId" | "share">> & { deadlineMs?: number } = {}) {
      const { deadlineMs = 1e9, ...rest } = changes;
      const asked = segment("twelve chars", { deadline: now + deadlineMs, ...rest });
      const refusal = admission.refusal(asked);
      if (!refusal) waiting.push(asked);
      return refusal;
    },
    /** What waits is in the hands of a worker that dies. */
    takeWaiting() {
      const held = waiting;
      waiting = [];
      return held;
    },
    pass(ms: number) {
      for (const end = now + ms; now < end; ) {
        now = Math.min(end, next);
        if (now < next) return;
        next = now + everyMs;
        const done = waiting.shift();
        if (done) admission.ended(resultOf(done));
      }
    },
    /** Ten requests a second, and other gateways that have nothing to tell. */
    steady(seconds: number) {
      for (let k = 0; k < 10 * seconds; k++) {
        world.ask();
        world.pass(100);
        admission.hear({ waiting: [], served: 0 });
      }
    },
  };
  return world;
}

describe("admission", () => {
  it("lets everything in while nothing is known, up to the room there is", () => {
    const { ask } = world(10, { maxQueued: 100 });
    const refusals = Array.from({ length: 101 }, () => ask({ deadlineMs: 1 }));
    expect(refusals.filter(Boolean)).toHaveLength(1);
    expect(refusals[100]).toMatchObject({ code: "RESOURCE_EXHAUSTED", details: { reason: "QUEUE_FULL" } });
  });

  it("refuses a request whose deadline lies before the expected wait, and no other", () => {
    const { ask, pass } = world(10);
    for (let k = 0; k < 1000; k++) ask();
    pass(5000); // 500 are left: 5 s
    expect(ask({ deadlineMs: 4000 })).toMatchObject({ code: "RESOURCE_EXHAUSTED", details: { reason: "OVERLOADED" } });
    expect(ask({ deadlineMs: 6000 })).toBeUndefined();
  });

  it("says truly, within a factor of two, when a request would be let in", () => {
    for (const everyMs of [1, 7, 40]) {
      const { ask, pass } = world(everyMs, { maxWaitMs: 1000 });
      for (let k = 0; k < 4000 / everyMs + 2000 / everyMs; k++) ask({ priority: "interactive" });
      pass(3000);
      const promised = ask()!.details?.retryAfterMs;
      let waited = 0;
      for (; ask() && waited < 60_000; waited += 20) pass(20);
      expect(promised).toBeGreaterThan(waited / 2);
      expect(promised).toBeLessThan(waited * 2 + 100);
    }
  });

  it("refuses when what it let in expires instead of being answered", () => {
    const { admission, ask, pass } = world(10);
    for (let k = 0; k < 100; k++) {
      ask();
      pass(20);
    }
    const expire = () => {
      const lost = segment("twelve chars", { deadline: 1e9 + 1_000_000 });
      if (admission.refusal(lost)) return;
      pass(10);
      const error = { code: "DEADLINE_EXCEEDED", message: "" } as const;
      admission.ended({ id: lost.id, type: "error", error });
    };
    // of ten one is answered
    for (let k = 0; k < 200; k++) {
      if (k % 10 === 0) ask();
      expire();
    }
    for (let k = 0; k < 400; k++) ask();
    expect(ask({ deadlineMs: 1000 })).toBeDefined();
  });

  /** Three seconds of segments that all expire after 300 ms; by then workers have, or have not, sent an answer. */
  const expireAll = ({ admission, ask, pass, takeWaiting }: ReturnType<typeof world>, answers: "late" | "none") => {
    for (let k = 0; k < 100; k++) {
      ask();
      pass(20);
    }
    let letIn = 0;
    for (let k = 0; k < 10; k++) {
      for (let each = 0; each < 100; each++) ask({ deadlineMs: 300 });
      const held = takeWaiting();
      letIn = held.length;
      pass(300);
      for (const { id } of held) {
        admission.ended({ id, type: "error", error: { code: "DEADLINE_EXCEEDED", message: "" } });
        if (answers === "late") admission.lateAnswer();
      }
    }
    return letIn;
  };

  /** Ten segments are always on their way, which is enough for the workers; then how many more are let in that wait 1 s at most. */
  const letInAfterWork = (capacity: number) => {
    const { ask, pass } = world(10, { capacity });
    for (let k = 0; k < 10; k++) ask();
    for (let k = 0; k < 1000; k++) {
      pass(10);
      ask();
    }
    let letIn = 0;
    while (letIn < 300 && !ask({ deadlineMs: 1000 })) letIn++;
    return letIn;
  };

  it("takes what workers do that have work to the full for all that they can do", () => {
    expect(letInAfterWork(20)).toBeGreaterThan(70);
    expect(letInAfterWork(20)).toBeLessThan(130);
  });

  it("expects that workers do more when they have more to do, if they are not known to be full", () => {
    expect(letInAfterWork(160)).toBe(300);
    expect(letInAfterWork(0)).toBe(300);
  });

  it("refuses when all that it let in is answered too late, and so nothing in time", () => {
    expect(expireAll(world(10), "late")).toBeLessThan(35);
  });

  it("does not take an outage, which answers nothing at all, for an overload", () => {
    expect(expireAll(world(10), "none")).toBe(100);
  });

  it("always lets in who has nothing to wait for: it shows what the workers can do now", () => {
    const { ask, pass } = world(10);
    for (let k = 0; k < 1000; k++) ask();
    pass(11_000);
    expect(ask({ deadlineMs: 1 })).toBeUndefined();
  });

  it("lets all of a request in once a part of it is in", () => {
    const { ask, pass } = world(10, { maxWaitMs: 1000 });
    for (let k = 0; k < 1000; k++) ask({ requestId: "long" });
    pass(5000);
    expect(ask({ requestId: "other" })).toBeDefined();
    expect(ask({ requestId: "long" })).toBeUndefined();
  });

  it("does not count batch work as ahead of a person", () => {
    const { ask, pass } = world(10);
    for (let k = 0; k < 1000; k++) ask({ priority: "batch" });
    pass(2000);
    expect(ask({ deadlineMs: 1000 })).toBeUndefined();
    expect(ask({ deadlineMs: 1000, priority: "batch" })).toBeDefined();
  });

  it("does not take a worker that died with work in its hands for a slow one", () => {
    const { ask, steady, takeWaiting } = world(10);
    steady(10);
    for (let k = 0; k < 100; k++) ask();
    takeWaiting();
    steady(10);
    expect(ask({ deadlineMs: 5000 })).toBeUndefined();
  });

  it("does not refuse for what a dead worker held and another has answered late", () => {
    const { admission, ask, pass, steady, takeWaiting } = world(10);
    steady(10);
    for (let kills = 0; kills < 5; kills++) {
      for (let k = 0; k < 40; k++) ask();
      const held = takeWaiting();
      steady(4);
      for (const lost of held) admission.ended(resultOf(lost));
      for (let k = 0; k < 20; k++) expect(ask({ deadlineMs: 10_000 })).toBeUndefined();
      pass(200);
    }
  });

  it("fears for a call what the last of its segments takes", () => {
    const { admission, ask, pass, takeWaiting } = world(10);
    for (let k = 0; k < 300; k++) ask();
    pass(3000);
    for (let call = 0; call < 100; call++) {
      for (let k = 0; k < 20; k++) ask({ requestId: `call ${call}` });
      const [last, ...others] = takeWaiting();
      for (const each of others) {
        pass(10);
        admission.ended(resultOf(each));
      }
      pass(400);
      admission.ended(resultOf(last!));
    }
    for (let k = 0; k < 40; k++) ask();
    expect(ask({ deadlineMs: 650 })).toBeDefined();
    expect(ask({ deadlineMs: 1000 })).toBeUndefined();
  });

  it("does not count the time until the first answer", () => {
    const { ask, pass } = world(10, { firstMs: 3000 });
    for (let k = 0; k < 100; k++) ask();
    pass(3000);
    expect(ask({ deadlineMs: 10_000 })).toBeUndefined();
  });

  const { options } = segment("");
  const arrival = (requestId: string, characters: number, more: object = {}) => {
    return { options, priority: "interactive", deadline: 1e9, requestId, characters, ...more } as const;
  };

  it("counts a request while it is cut, and lets its segments in that there is room for", () => {
    const { admission, ask, pass } = world(10, { maxQueued: 100 });
    const place = admission.enter(arrival("a", 500));
    place.need(60);
    expect(() => admission.enter(arrival("b", 500)).need(41)).toThrow(/queue is full/);
    for (let k = 0; k < 40; k++) expect(ask()).toBeUndefined();
    expect(ask()).toMatchObject({ details: { reason: "QUEUE_FULL" } });
    expect(() => place.need(61)).toThrow(/queue is full/);
    for (let k = 0; k < 60; k++) expect(ask({ requestId: "a" })).toBeUndefined();
    expect(ask({ requestId: "a" })).toMatchObject({ details: { reason: "QUEUE_FULL" } });
    place.leave();
    pass(1000);
    for (let k = 0; k < 100; k++) expect(ask()).toBeUndefined();
  });

  it("refuses a request before it is cut when those that are being cut make the wait too long, and no longer when they leave", () => {
    const { admission, ask, pass } = world(10, { maxWaitMs: 3000 });
    for (let k = 0; k < 1000; k++) ask();
    pass(10_000);
    const begin = (requestId: string) =>
      admission.enter(arrival(requestId, 5000 * "twelve chars".length, { deadline: 2e6 }));
    const place = begin("a"); // 7 s of work
    expect(() => begin("b")).toThrow(/expected wait/);
    expect(ask({ requestId: "a" })).toBeUndefined();
    place.leave();
    pass(100);
    begin("b").leave();
    expect(admission.load.waiting[0]).toEqual({});
  });

  it("counts a request once, whether its segments are still to come or have come", () => {
    const { admission, ask } = world(10);
    const waiting = () => admission.load.waiting[0]!.anonymous!.amount;
    const place = admission.enter(arrival("a", 100 * "twelve chars".length));
    const before = waiting();
    for (let k = 0; k < 50; k++) ask({ requestId: "a" });
    expect(waiting()).toBe(before);
    for (let k = 0; k < 50; k++) ask({ requestId: "a" });
    place.leave();
    expect(waiting()).toBe(before + 100); // the end of each
  });

  it("counts what waits at other gateways, and what is answered there", () => {
    const { admission, ask, pass } = world(10);
    for (let k = 0; k < 1000; k++) ask();
    pass(2000);
    expect(ask({ deadlineMs: 9000 })).toBeUndefined();
    admission.hear({ waiting: [{ anonymous: { weight: 1, amount: 1_000_000 } }], served: 0 });
    expect(ask({ deadlineMs: 9000 })).toBeDefined();
  });

  it("refuses whose own tokens make the wait too long, and lets others in", () => {
    const { ask, pass } = world(10);
    const [greedy, modest] = [
      { name: "greedy", weight: 1 },
      { name: "modest", weight: 1 },
    ];
    for (let k = 0; k < 1000; k++) ask({ share: greedy });
    pass(2000);
    expect(ask({ deadlineMs: 4000, share: greedy })).toBeDefined();
    let admitted = 0;
    while (admitted < 5000 && !ask({ deadlineMs: 4000, share: modest })) admitted++;
    expect(admitted).toBeGreaterThan(100);
    expect(admitted).toBeLessThan(5000);
  });
});

describe("turns", () => {
  /** The shares of segments in the order of their turns. */
  const order = (shares: readonly { name: string; weight: number }[]) => {
    const admission = new Admission({ maxQueued: 10_000, now: () => 0 });
    const asked = shares.map((share) => segment("twelve chars", { share }));
    const turns = asked.map((s) => {
      expect(admission.refusal(s)).toBeUndefined();
      return { name: s.share!.name, turn: admission.turn(s) };
    });
    return turns.sort((a, b) => a.turn - b.turn).map(({ name }) => name);
  };
  const [one, three] = [
    { name: "one", weight: 1 },
    { name: "three", weight: 3 },
  ];
  const count = (names: readonly string[], name: string) => names.filter((n) => n === name).length;

  it("are given out by weight while all have something waiting", () => {
    const names = order(Array.from({ length: 400 }, (_, k) => (k % 2 ? one : three)));
    for (const served of [40, 100, 200]) {
      const first = names.slice(0, served);
      expect(count(first, "three") / served).toBeCloseTo(0.75, 1);
    }
  });

  it("are given out by weight from the first moment on, while what the workers do becomes known", () => {
    let now = 1_000_000;
    const admission = new Admission({ maxQueued: 10_000, now: () => now });
    const waiting: { asked: Segment; turn: number }[] = [];
    const ask = (share: Segment["share"]) => {
      const asked = segment("twelve chars", { share });
      expect(admission.refusal(asked)).toBeUndefined();
      waiting.push({ asked, turn: admission.turn(asked) });
    };
    for (let k = 0; k < 400; k++) for (const share of [one, three]) ask(share);
    const served: string[] = [];
    for (; served.length < 3000; now++) {
      const next = waiting.reduce((a, b) => (b.turn < a.turn ? b : a));
      waiting.splice(waiting.indexOf(next), 1);
      admission.ended(resultOf(next.asked));
      served.push(next.asked.share!.name);
      ask(next.asked.share); // who is answered asks again
    }
    for (const from of [0, 1000, 2000]) {
      const part = count(served.slice(from, from + 1000), "three") / 1000;
      expect(part).toBeGreaterThan(0.5);
      expect(part).toBeLessThan(0.95);
    }
  });

  it("are not put off by what another has sent before", () => {
    const names = order([...Array.from({ length: 200 }, () => three), ...Array.from({ length: 10 }, () => one)]);
    expect(names.lastIndexOf("one")).toBeLessThan(50);
  });
});
