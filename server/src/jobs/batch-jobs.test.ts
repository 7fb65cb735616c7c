import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CarouselError } from "../errors.js";
import { searchOptions } from "../gateway/validate.js";
import { BatchJobs } from "./batch-jobs.js";
import { FolderBlobStore } from "./folder-blob-store.js";
import { unitsOfLines } from "./formats/lines.js";
import type { BatchLine } from "./job-results.js";
import type { TranslateUnits } from "./job-run.js";
import { openBlobStore } from "./open-blob-store.js";
import { S3Server } from "./test-support/s3-server.js";

const options = searchOptions();
const capitals: TranslateUnits = async (units) =>
  units.map(({ source: line }) =>
    line === "bad" ? { error: "cannot be translated" } : { text: String(line).toUpperCase() },
  );

const job = (lines: readonly string[]) =>
  ({ model: "m", options, format: "lines", units: unitsOfLines(lines) }) as const;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe("batch jobs", () => {
  let folder: string;
  const never = new AbortController().signal;
  const open = (translate: TranslateUnits) => new BatchJobs(new FolderBlobStore(folder), translate);
  const ended = async (jobs: BatchJobs, id: string) => (await all(jobs.watch(id, never))).at(-1)!;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "carousel-jobs-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("translates every line, in order, and counts", async () => {
    const jobs = open(capitals);
    const lines = Array.from({ length: 200 }, (_, k) => `line ${k}`);
    const { id, state, total } = await jobs.create(job(lines));
    expect([state, total]).toEqual(["running", 200]);
    expect(await ended(jobs, id)).toMatchObject({ state: "done", completed: 200, failed: 0 });
    expect((await all(jobs.results(id))).map((r) => r.text)).toEqual(lines.map((l) => l.toUpperCase()));
    expect((await all(jobs.results(id, 130))).map((r: BatchLine) => r.line)[0]).toBe(130);
  });

  it("gives a failed line its error and goes on", async () => {
    const jobs = open(capitals);
    const { id } = await jobs.create(job(["a", "bad", "b"]));
    expect(await ended(jobs, id)).toMatchObject({ state: "done", completed: 3, failed: 1 });
    expect(await all(jobs.results(id))).toEqual([
      { line: 0, text: "A" },
      { line: 1, error: "cannot be translated" },
      { line: 2, text: "B" },
    ]);
  });

  it("keeps in S3 all that it keeps in a folder, and leaves nothing of it there", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "S3RVER");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "S3RVER");
    const server = await S3Server.start("jobs");
    const store = await openBlobStore(`s3://jobs/here?endpoint=${server.endpoint}`);
    const [one, two] = [new BatchJobs(store, capitals), new BatchJobs(store, capitals)];
    const lines = Array.from({ length: 200 }, (_, k) => `line ${k}`);
    const { id } = await one.create({ ...job(lines), key: "k" });
    expect(await ended(two, id)).toMatchObject({ state: "done", completed: 200, failed: 0 });
    expect((await all(two.document(id))).join("")).toBe(lines.map((line) => `${line.toUpperCase()}\n`).join(""));
    await two.delete(id);
    await one.close();
    expect(await store.list("")).toEqual([]);
    await server.stop();
    vi.unstubAllEnvs();
  });

  it("survives the loss of the process: another goes on where it stopped", async () => {
    let translated = 0;
    const stuck: TranslateUnits = async (lines, settings) => {
      if (++translated > 2) await new Promise((resolve) => settings.signal.addEventListener("abort", resolve));
      return capitals(lines, settings);
    };
    const first = open(stuck);
    const lines = Array.from({ length: 64 * 6 }, (_, k) => `line ${k}`);
    const { id } = await first.create(job(lines));
    await expect.poll(async () => (await first.get(id)).completed).toBe(128);
    expect((await all(first.results(id))).length).toBeLessThanOrEqual(128);
    await first.close();

    const again: number[] = [];
    const second = open(async (chunk, settings) => {
      again.push(chunk.length);
      return capitals(chunk, settings);
    });
    await second.resume();
    expect(await ended(second, id)).toMatchObject({ state: "done", completed: 384 });
    expect(again).toHaveLength(4);
    expect((await all(second.results(id))).map((r) => r.text)).toEqual(lines.map((l) => l.toUpperCase()));
  });

  it("tries a chunk again while the queue cannot be reached", async () => {
    let attempts = 0;
    const jobs = open(async (lines, settings) => {
      if (++attempts === 1) return lines.map(() => ({ postponed: new CarouselError("UNAVAILABLE", "gone") }));
      return capitals(lines, settings);
    });
    const { id } = await jobs.create(job(["a"]));
    expect(await ended(jobs, id)).toMatchObject({ state: "done", failed: 0 });
    expect(attempts).toBe(2);
  });

  it("cancels, lists newest first, and deletes", async () => {
    const jobs = open((_, { signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve([]))));
    const one = await jobs.create(job(["a"]));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const two = await jobs.create(job(["b"]));
    expect(await jobs.cancel(one.id)).toMatchObject({ state: "cancelled", completed: 0 });
    const page = await jobs.list({ size: 1, token: "" });
    expect(page.jobs.map((j) => j.id)).toEqual([two.id]);
    expect((await jobs.list({ size: 1, token: page.nextToken })).jobs.map((j) => j.id)).toEqual([one.id]);
    await expect(jobs.list({ size: 1, token: "zzzz" })).rejects.toThrow("page_token is of no page");
    // longer than a name may be in a file system: no job of any store
    await expect(jobs.get("a".repeat(300))).rejects.toMatchObject({ code: "NOT_FOUND" });
    await jobs.delete(one.id);
    await expect(jobs.get(one.id)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await jobs.close();
  });

  it("pauses over a restart, goes on, and translates failures once more", async () => {
    let reject = true;
    const moody: TranslateUnits = async (units) =>
      units.map(({ source }) => (reject && source === "line 70" ? { error: "no" } : { text: `${source}!` }));
    const first = open(
      (_units, { signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve([]))),
    );
    const lines = Array.from({ length: 130 }, (_, k) => `line ${k}`);
    const { id } = await first.create(job(lines));
    expect(await first.pause(id)).toMatchObject({ state: "paused", completed: 0 });
    await first.close();

    const second = open(moody);
    await second.resume();
    expect(await second.get(id)).toMatchObject({ state: "paused", completed: 0 });
    await expect(second.retry(id)).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
    await expect(all(second.document(id))).rejects.toThrow("has 0 of 3 parts");
    await second.unpause(id);
    expect(await ended(second, id)).toMatchObject({ state: "done", completed: 130, failed: 1 });
    await expect(second.pause(id)).rejects.toThrow("has ended: it cannot be paused");

    reject = false;
    const again: number[] = [];
    const third = open(async (units, settings) => {
      again.push(units.length);
      return moody(units, settings);
    });
    await third.retry(id);
    expect(await ended(third, id)).toMatchObject({ state: "done", completed: 130, failed: 0 });
    expect(again).toEqual([1]);
    expect((await all(third.document(id))).join("")).toBe(lines.map((l) => `${l}!\n`).join(""));
    await expect(third.retry(id)).rejects.toThrow("has no failed segment");
  });

  it("has one process work on a job; another takes it up when that one is gone, or stops it", async () => {
    const [here, there] = [0, 1].map(() => [] as string[]);
    const slow =
      (seen: string[]): TranslateUnits =>
      async (units, { signal }) => {
        seen.push(String(units[0]!.source));
        await new Promise((resolve) => setTimeout(resolve, 100));
        return signal.aborted ? [] : units.map(() => ({ text: "x" }));
      };
    const store = new FolderBlobStore(folder);
    const open = (seen: string[]) => new BatchJobs(store, slow(seen), { leaseMs: 300 });
    const [one, two] = [open(here!), open(there!)];
    await Promise.all([one.resume(), two.resume()]);
    const lines = Array.from({ length: 64 * 80 }, (_, k) => `line ${k}`);
    const { id } = await one.create(job(lines));
    await expect.poll(() => here!.length).toBeGreaterThan(8);
    expect(there).toEqual([]);
    await one.close();
    await expect.poll(() => there!.length, { timeout: 3000 }).toBeGreaterThan(4);
    const third = open([]);
    await third.cancel(id);
    await new Promise((resolve) => setTimeout(resolve, 400));
    const stopped = there!.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(there!.length).toBe(stopped);
    expect(await third.get(id)).toMatchObject({ state: "cancelled" });
    await two.close();
  });

  it("makes one job of one key, and none of nothing", async () => {
    const jobs = open(capitals);
    const [one, two] = await Promise.all([1, 2].map(() => jobs.create({ ...job(["a"]), key: "mine" })));
    expect(one!.id).toBe(two!.id);
    expect((await open(capitals).create({ ...job(["a"]), key: "mine" })).id).toBe(one!.id);
    await expect(jobs.create(job([]))).rejects.toThrow("holds nothing to translate");
    expect((await jobs.list({ size: 9, token: "" })).jobs.map((j) => j.id)).toEqual([one!.id]);
  });

  it("gives one key to one job, though several processes are asked at once, and frees it with the job", async () => {
    const made = await Promise.all(
      Array.from({ length: 6 }, () => open(capitals).create({ ...job(["a"]), key: "mine" })),
    );
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    const jobs = open(capitals);
    expect((await jobs.list({ size: 9, token: "" })).jobs).toHaveLength(1);
    await jobs.delete(made[0]!.id);
    const { id } = await jobs.create({ ...job(["a"]), key: "mine" });
    expect(id).not.toBe(made[0]!.id);
    await jobs.close();
  });

  it("leaves nothing of a job that is deleted while another process works on it", async () => {
    const slow: TranslateUnits = async (units) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return units.map(() => ({ text: "x" }));
    };
    const one = open(slow);
    await one.resume();
    const { id } = await one.create(job(Array.from({ length: 64 * 500 }, (_, k) => `line ${k}`)));
    await expect.poll(async () => (await one.get(id)).completed).toBeGreaterThan(64);
    await open(capitals).delete(id);
    expect(await readdir(folder)).toEqual(["_open"]);
    expect(await readdir(join(folder, "_open"))).toEqual([]);
    await expect(one.get(id)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await one.close();
    expect(await readdir(folder)).toEqual(["_open"]);
  });

  it("removes jobs when they have been kept for their time", async () => {
    const jobs = new BatchJobs(new FolderBlobStore(folder), capitals, { retainMs: 1, sweepMs: 50 });
    const [brief, forever] = [await jobs.create(job(["a"])), await jobs.create({ ...job(["b"]), retainMs: 0 })];
    await Promise.all([ended(jobs, brief.id), ended(jobs, forever.id)]);
    expect((await jobs.get(forever.id)).expiresMs).toBeUndefined();
    await jobs.resume();
    const left = async () => (await jobs.list({ size: 9, token: "" })).jobs.map(({ id }) => id);
    await expect.poll(left).toEqual([forever.id]);
    await jobs.close();
  });

  it("clears away what is left of a document that did not come to its end, and of a removal", async () => {
    const jobs = open(capitals);
    const { id } = await jobs.create(job(["a"]));
    await ended(jobs, id);
    await rm(join(folder, id, "job.json"));
    await writeFile(join(folder, "_open", id), JSON.stringify({ sinceMs: 0 }));
    await jobs.resume();
    await expect.poll(() => readdir(folder)).toEqual(["_open"]);
    await jobs.close();
  });

  it("touches nothing in its place that is no job's", async () => {
    await mkdir(join(folder, "photos"));
    const jobs = new BatchJobs(new FolderBlobStore(folder), capitals, { retainMs: 1, sweepMs: 50 });
    const { id } = await jobs.create(job(["a"]));
    await ended(jobs, id);
    await writeFile(join(folder, "_open", "photos"), JSON.stringify({ sinceMs: 0 }));
    await jobs.resume();
    await expect.poll(() => readdir(folder)).toEqual(["_open", "photos"]);
    await jobs.close();
  });

  it("asks again for what was postponed only, and says meanwhile why it does not get on", async () => {
    const asked: number[] = [];
    const troubles: string[] = [];
    const busy: TranslateUnits = async (units, settings) => {
      asked.push(units.length);
      const results = await capitals(units, settings);
      const full = { postponed: new CarouselError("RESOURCE_EXHAUSTED", "the queue is full") };
      return asked.length === 1 ? results.map((result, k) => (k === 1 ? full : result)) : results;
    };
    const jobs = new BatchJobs(new FolderBlobStore(folder), busy, {
      onTrouble: (id, problem) => troubles.push(`${id}: ${problem}`),
    });
    const { id } = await jobs.create(job(["a", "b", "c"]));
    const seen = await all(jobs.watch(id, never));
    expect(seen.at(-1)).toMatchObject({ state: "done", failed: 0, charactersCompleted: 3 });
    expect(seen.map(({ problem }) => problem)).toContain("the queue is full");
    expect(seen.at(-1)!.problem).toBeUndefined();
    expect(asked).toEqual([3, 1]);
    expect(troubles).toEqual([`${id}: the queue is full`]);
  });

  it("gives up a unit that is never translated by its deadline", async () => {
    const late = { postponed: new CarouselError("DEADLINE_EXCEEDED", "too late") };
    const jobs = open(async (units) => units.map(() => late));
    const { id } = await jobs.create(job(["a"]));
    await ended(jobs, id);
    expect(await all(jobs.results(id))).toEqual([{ line: 0, error: "too late" }]);
  }, 10_000);

  it("shows in every process how fast a job goes", async () => {
    const slow: TranslateUnits = async (units) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return units.map(() => ({ text: "x" }));
    };
    const one = new BatchJobs(new FolderBlobStore(folder), slow, { leaseMs: 300 });
    await one.resume();
    const { id } = await one.create(job(Array.from({ length: 64 * 200 }, (_, k) => `line ${k}`)));
    const other = open(capitals);
    await expect
      .poll(() => other.get(id), { timeout: 3000 })
      .toMatchObject({
        rate: expect.any(Number),
        secondsLeft: expect.any(Number),
      });
    await one.close();
  });

  it("cuts long texts into smaller chunks, and reads on from any line", async () => {
    const jobs = open(capitals);
    const lines = Array.from({ length: 30 }, (_, k) => `${k} ${"x".repeat(1000 * (k % 10))}`);
    const { id } = await jobs.create(job(lines));
    await ended(jobs, id);
    expect((await readdir(join(folder, id, "input"))).length).toBeGreaterThan(10);
    for (const from of [0, 7, 29, 30]) {
      const read = await all(jobs.results(id, from));
      expect(read.map(({ text }) => text)).toEqual(lines.slice(from).map((line) => line.toUpperCase()));
    }
    expect((await all(jobs.document(id))).join("")).toBe(lines.map((line) => `${line.toUpperCase()}\n`).join(""));
  });

  it("ends though some of its input is lost", async () => {
    const jobs = open(capitals);
    const { id } = await jobs.create(job(Array.from({ length: 70 }, () => "a")));
    await ended(jobs, id);
    await rm(join(folder, id, "input", "00000001.json"));
    await rm(join(folder, id, "results"), { recursive: true });
    await writeFile(join(folder, id, "state.json"), JSON.stringify({ state: "paused", attempt: 0 }));
    await jobs.unpause(id);
    expect(await ended(jobs, id)).toMatchObject({ completed: 70, failed: 6 });
    expect((await all(jobs.results(id))).at(-1)!.error).toBe(`the input of chunk 1 of batch job ${id} is missing`);
  });

  it("lists by state and model", async () => {
    const jobs = open(capitals);
    const a = await jobs.create(job(["a"]));
    await ended(jobs, a.id);
    const b = await jobs.create({ ...job(["b"]), model: "other" });
    await ended(jobs, b.id);
    const ids = async (filter: object) => (await jobs.list({ size: 9, token: "", ...filter })).jobs.map((j) => j.id);
    expect(await ids({ model: "other" })).toEqual([b.id]);
    expect(await ids({ states: ["paused"] })).toEqual([]);
    expect((await ids({ states: ["done"] })).sort()).toEqual([a.id, b.id].sort());
  });

  it("names a job that is not there, and cannot be led out of its folder", async () => {
    const jobs = open(capitals);
    await expect(jobs.get("nothing")).rejects.toThrow("there is no batch job nothing");
    await expect(jobs.get("../../etc")).rejects.toThrow("there is no batch job");
  });

  it("names a damaged file", async () => {
    const jobs = open(capitals);
    const { id } = await jobs.create(job(["a"]));
    await ended(jobs, id);
    const [name] = await readdir(join(folder, id, "results"));
    await writeFile(join(folder, id, "results", name!), "{");
    await expect(all(jobs.results(id))).rejects.toThrow(`damaged value under ${id}/results/${name}`);
  });
});
