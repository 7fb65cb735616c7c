import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Recipe } from "../recipe/index.js";
import { stoppable } from "./interrupt.js";
import { corpus, newFolder, recipesOf, TRANSLATION } from "./test-support/small-trainings.js";
import { train } from "./train.js";

let recipe: (text: string, ...set: string[]) => Recipe;
beforeAll(async () => {
  recipe = recipesOf(await corpus());
});

describe("stoppable", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("aborts its signal on %s, and then listens no more", async (name) => {
    const before = process.listenerCount(name);
    const seen = await stoppable(async (signal) => {
      const first = signal.aborted;
      process.emit(name);
      return [first, signal.aborted, process.listenerCount(name)];
    });
    expect(seen).toEqual([false, true, before]);
  });

  it("leaves no listener behind when what it runs fails", async () => {
    const before = process.listenerCount("SIGINT");
    await expect(stoppable(() => Promise.reject(new Error("no data")))).rejects.toThrow("no data");
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});

describe("train", () => {
  it("stops with a checkpoint when asked to", async () => {
    const runFolder = await newFolder();
    const stop = new AbortController();
    const exportBundle = () => Promise.reject(new Error("a training that was stopped has nothing to export"));
    const notes: string[] = [];
    const result = await train({
      recipe: recipe(TRANSLATION),
      runFolder,
      signal: stop.signal,
      exportBundle,
      onProgress(e) {
        if (e.kind === "step" && e.step === 3) stop.abort();
        if (e.kind === "note") notes.push(e.message);
      },
    });
    expect(notes.slice(-2)).toEqual([
      expect.stringMatching(/^stopping after the step or validation at hand/),
      expect.stringMatching(/^stopped; resume from /),
    ]);
    expect(result).toMatchObject({ reason: "interrupted" });
    expect((await readFile(join(runFolder, "checkpoint.bin"))).length).toBeGreaterThan(1000);
  });

  it("leaves signals to the process where there is nothing to lose: before the first step and after the last", async () => {
    const handlers = () => process.listenerCount("SIGINT");
    const none = handlers();
    const seen: Record<string, number[]> = { note: [], step: [], validation: [], export: [] };
    await train({
      recipe: recipe(TRANSLATION, "training.maxSteps=2"),
      runFolder: await newFolder(),
      exportBundle: async () => void seen.export!.push(handlers() - none),
      onProgress: (e) => void seen[e.kind]!.push(handlers() - none),
    });
    expect(new Set(seen.note)).toEqual(new Set([0]));
    expect(seen).toMatchObject({ step: [1, 1], validation: [1], export: [0] });
  });
});
