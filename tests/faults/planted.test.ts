import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { openClient } from "./client.js";
import { type Pair, readCorpus } from "./corpus.js";
import { Fleet } from "./fleet.js";
import { History } from "./history.js";
import { Load } from "./load.js";
import { Random } from "./random.js";
import { soak } from "./soak.js";

const planted = (name: string) => new URL(`./plant-${name}.js`, import.meta.url).href;

// the checks that pass elsewhere fail where something is wrong
describe("what is planted is caught", () => {
  let corpus: Pair[];
  beforeAll(async () => {
    corpus = await readCorpus();
  });

  it("a lost reply", { timeout: 120_000 }, async () => {
    const fleet = await Fleet.start({ gateways: 1, workers: 1, planted: planted("lost-reply") });
    const client = openClient(fleet.grpcPorts);
    const history = new History();
    try {
      const means = { client, corpus, history, random: new Random(1) };
      const load = new Load(means, { callers: 16, jobs: 0, deadlineMs: 4000 });
      await sleep(2000);
      await load.stop();
    } finally {
      client.close();
      await fleet.stop();
    }
    const violations = history.violations([]);
    expect(violations.length).toBeGreaterThan(0);
    expect(violations.length).toBeLessThan(history.counts().requests);
    for (const violation of violations) expect(violation).toContain("DEADLINE_EXCEEDED");
  });

  it("a leak of memory and of handles", { timeout: 120_000 }, async () => {
    const fleet = await Fleet.start({ gateways: 1, workers: 1, planted: planted("leak"), sized: "collected" });
    const load = { callers: 2, jobs: 0, pauseMs: 250 };
    const { violations, growth } = await soak({ fleet, corpus, random: new Random(1), seconds: 12, load }).finally(() =>
      fleet.stop(),
    );
    expect(violations).toContainEqual(expect.stringMatching(/^worker 1, resident MiB: grows by/));
    expect(violations).toContainEqual(expect.stringMatching(/^worker 1, heap MiB: grows by/));
    expect(violations).toContainEqual(expect.stringMatching(/^worker 1, open handles: grows by/));
    // four handles a second while it does not collect
    const { perHour } = growth.find(({ of }) => of === "worker 1, open handles")!;
    expect(perHour).toBeGreaterThan(1000);
  });
});
