import { describe, expect, it } from "vitest";
import {
  type Candidate,
  FREE_PADDING,
  MAX_FORCED_STEPS,
  PATIENCE,
  Scheduler,
  type SchedulerOptions,
} from "./scheduler.js";

interface Piece extends Candidate {
  readonly name: string;
  isOver: boolean;
}

function piece(name: string, wish: Partial<Candidate> = {}): Piece {
  const usual = { priority: "normal", deadline: 1e9, beamSize: 1, sourceLength: 8, stepsLeft: 100 } as const;
  return { ...usual, isOver: false, forcedLeft: 0, streams: false, ...wish, name };
}

/** A scheduler and the hands of its clock. */
function scheduler(wish: Partial<SchedulerOptions> = {}) {
  const clock = { now: 0 };
  const usual = { maxSentences: 4, maxTokens: 1000, steps: { idle: 2, full: 8 }, now: () => clock.now };
  return { clock, scheduler: new Scheduler<Piece>({ ...usual, ...wish }) };
}

const names = (pieces: readonly Piece[]) => pieces.map((p) => p.name).join("");

describe("who is in the batch", () => {
  it("takes those that wait up to the limit, by priority, then in their order", () => {
    const { scheduler: s } = scheduler();
    for (const name of "abc") s.add(piece(name, { priority: "batch" }));
    s.add(piece("d"));
    s.add(piece("e", { priority: "interactive" }));
    expect(names(s.next().join)).toBe("edab");
    expect(s.load).toBe(5);
  });

  it("fills the room that interactive work leaves with batch work, which gives way to the next that comes", () => {
    const { scheduler: s } = scheduler();
    const batch = [..."abcdef"].map((name) => piece(name, { priority: "batch" }));
    for (const b of batch) s.add(b);
    s.add(piece("X", { priority: "interactive" }));
    expect(names(s.next().running)).toBe("Xabc");
    s.add(piece("Y", { priority: "interactive" }));
    batch[1]!.isOver = true;
    expect(names(s.next().running)).toBe("XacY");
    batch[0]!.isOver = true;
    expect(names(s.next().running)).toBe("XcYd");
  });

  it("lets batch work that has waited for a minute join before others that have just come", () => {
    const { scheduler: s, clock } = scheduler({ maxSentences: 1 });
    const first = piece("a", { priority: "interactive" });
    s.add(first);
    s.add(piece("b", { priority: "batch" }));
    expect(names(s.next().running)).toBe("a");
    clock.now = 61_000;
    s.add(piece("c", { priority: "interactive" }));
    first.isOver = true;
    expect(names(s.next().running)).toBe("b");
  });

  it("drops the finished and cancelled between runs and fills their places at once", () => {
    const { scheduler: s } = scheduler();
    const all = [..."abcdef"].map((name) => piece(name));
    for (const p of all) s.add(p);
    s.next();
    all[1]!.isOver = true;
    all[5]!.isOver = true; // cancelled while it waits
    const turn = s.next();
    expect(turn.keep).toEqual([0, 2, 3]);
    expect(names(turn.running)).toBe("acde");
    expect(turn.expired).toEqual([]);
    expect(s.load).toBe(4);
  });

  it("reports those whose deadline passes, running or waiting, once", () => {
    const { scheduler: s, clock } = scheduler({ maxSentences: 2 });
    s.add(piece("a", { deadline: 10 }));
    s.add(piece("b", { deadline: 30 }));
    s.add(piece("c", { deadline: 10 }));
    expect(names(s.next().running)).toBe("ab");
    clock.now = 10;
    const turn = s.next();
    expect(names(turn.expired)).toBe("ac");
    expect(turn.keep).toEqual([1]);
    expect(s.next().expired).toEqual([]);
  });

  it("lets nobody overtake one that does not fit yet, and an empty batch take any size", () => {
    const { scheduler: s } = scheduler({ maxTokens: 100 });
    const a = piece("a", { sourceLength: 40 });
    s.add(a);
    s.add(piece("b", { sourceLength: 500, beamSize: 4 }));
    s.add(piece("c", { sourceLength: 1 }));
    expect(names(s.next().running)).toBe("a");
    a.isOver = true;
    expect(names(s.next().running)).toBe("b");
  });

  it("groups like lengths, but passes nobody over for longer than its patience", () => {
    const { scheduler: s, clock } = scheduler({ maxSentences: 64, maxTokens: 1e6 });
    for (let k = 0; k < 8; k++) s.add(piece("s"));
    s.add(piece("L", { sourceLength: FREE_PADDING }));
    s.add(piece("t"));
    expect(names(s.next().running)).toBe("sssssssst");
    clock.now = PATIENCE;
    expect(names(s.next().join)).toBe("L");
  });

  it("takes any length where padding costs nothing", () => {
    const { scheduler: s } = scheduler();
    s.add(piece("a", { sourceLength: 1 }));
    s.add(piece("b", { sourceLength: FREE_PADDING }));
    expect(names(s.next().running)).toBe("ab");
  });

  it.each([
    ["leaving", "b"],
    ["static", "ab"],
  ] as const)("%s: takes nobody before all are done", (joining, left) => {
    const { scheduler: s } = scheduler({ maxSentences: 2, joining });
    const all = [..."abc"].map((name) => piece(name));
    for (const p of all) s.add(p);
    expect(names(s.next().running)).toBe("ab");
    all[0]!.isOver = true;
    expect(names(s.next().running)).toBe(left);
    all[1]!.isOver = true;
    expect(names(s.next().running)).toBe("c");
  });

  it("forgets a batch whose run failed, and goes on with those that wait", () => {
    const { scheduler: s } = scheduler({ maxSentences: 1 });
    s.add(piece("a"));
    s.add(piece("b"));
    s.next();
    expect(names(s.abandon())).toBe("a");
    expect(s.next()).toMatchObject({ keep: [], join: [{ name: "b" }] });
  });
});

describe("how many steps a run has", () => {
  const stepsOf = (pieces: readonly Piece[]) => {
    const { scheduler: s } = scheduler();
    for (const p of pieces) s.add(p);
    return s.next().steps;
  };
  const many = (count: number) => Array.from({ length: count }, (_, k) => piece(String(k)));

  it("few when idle, more the fuller it is, those that wait counted", () => {
    expect([0, 1, 2, 4, 6, 8, 40].map((n) => stepsOf(many(n)))).toEqual([0, 3, 4, 5, 7, 8, 8]);
  });

  it("one while somebody waits for every token, but many while its tokens are given", () => {
    expect(stepsOf([piece("a", { streams: true }), ...many(3)])).toBe(1);
    expect(stepsOf([piece("a", { streams: true, forcedLeft: 20 })])).toBe(20);
    expect(stepsOf([piece("a", { forcedLeft: 90 })])).toBe(MAX_FORCED_STEPS);
    expect(stepsOf([piece("a", { forcedLeft: 90 }), piece("b")])).toBe(4);
  });

  it("no more than the longest search has left", () => {
    expect(stepsOf([piece("a", { stepsLeft: 1 }), piece("b", { stepsLeft: 3 })])).toBe(3);
  });
});

it("serves everybody once, in any history, within the limits", () => {
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48271) % 0x7fffffff;
    return seed % below;
  };
  const { scheduler: s, clock } = scheduler({ maxSentences: 8, maxTokens: 400 });
  const left = new Map<Piece, number>();
  const expired: Piece[] = [];
  let [last, served, added]: [readonly Piece[], number, number] = [[], 0, 0];
  for (let turn = 0; turn < 3000; turn++, clock.now += random(20)) {
    for (let n = turn < 2000 ? random(4) : 0; n > 0; n--, added++) {
      const priority = (["interactive", "normal", "batch"] as const)[random(3)]!;
      const wish = {
        priority,
        deadline: clock.now + 20 + random(3000),
        beamSize: 1 + random(5),
        sourceLength: 1 + random(60),
      };
      const item = piece(String(added), wish);
      left.set(item, 1 + random(40));
      s.add(item);
    }
    const { keep, join, running, expired: late, steps } = s.next();
    expect(keep.map((n) => last[n])).toEqual(running.slice(0, keep.length));
    expect(running.slice(keep.length)).toEqual(join);
    const rectangle =
      running.length * Math.max(...running.map((p) => p.beamSize)) * Math.max(...running.map((p) => p.sourceLength));
    if (running.length > 1) expect(rectangle).toBeLessThanOrEqual(400);
    expect(running.length).toBeLessThanOrEqual(8);
    for (const p of running) {
      expect(p.isOver || p.deadline <= clock.now).toBe(false);
      left.set(p, left.get(p)! - steps);
      if (left.get(p)! > 0) continue;
      p.isOver = true;
      served++;
    }
    expired.push(...late);
    last = running;
  }
  expect(new Set(expired).size).toBe(expired.length);
  expect(served + expired.length).toBe(added);
  expect(s.load).toBe(0);
  expect(Math.min(served, expired.length)).toBeGreaterThan(100);
});
