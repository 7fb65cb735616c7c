import { execFile, spawn } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig, type Running, startServer } from "@carousel/server";
import { openBlobStore } from "@carousel/server/jobs/open-blob-store";
import { S3Server } from "@carousel/server/jobs/test-support/s3-server";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { repository } from "./repository.js";

const MODEL = "v2-tiny-translation";
let folder: string;
let s3: S3Server;
let server: Running;

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "S3RVER");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "S3RVER");
  folder = await mkdtemp(join(tmpdir(), "carousel-batch-"));
  s3 = await S3Server.start("docs");
  await cp(join(repository, "tests/fixtures/bundles-v2", MODEL), join(folder, "models", MODEL), { recursive: true });
  const [models, jobs, glossaries] = ["models", "jobs", "glossaries"].map((name) => join(folder, name));
  const ports = { host: "127.0.0.1", grpcPort: 0, httpPort: 0 };
  const documents = `s3://docs?endpoint=${s3.endpoint}`;
  const paths = { models, jobs, glossaries, documents };
  server = await startServer(loadConfig({ ...paths, ...ports, intraOpThreads: 1, logLevel: "silent" }, {}));
});
afterAll(async () => {
  await server.close();
  await s3.stop();
  await rm(folder, { recursive: true });
  vi.unstubAllEnvs();
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

const commandLine = (args: readonly string[]) => [
  ...["cli/bin/carousel.mjs", "batch", ...args],
  ...["--address", `127.0.0.1:${server.grpcPort}`],
];

function carousel(args: readonly string[], { input = "", environment = {} } = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: repository, env: { ...process.env, ...environment } };
    const child = execFile(process.execPath, commandLine(args), options, (error, out, said) => {
      resolve({ code: error ? Number(error.code) : 0, out, error: said });
    });
    child.stdin!.end(input);
  });
}

/** Submits lines, or a document, and returns its id. */
async function submit(args: readonly string[], input = ""): Promise<string> {
  const { code, out, error } = await carousel(["submit", "--model", MODEL, "--beam", "1", ...args], { input });
  expect({ code, error: code === 0 ? "" : error }).toEqual({ code: 0, error: "" });
  return out.trim();
}

const jobs = async (...args: string[]) => JSON.parse((await carousel(["status", "--json", ...args])).out);

describe("carousel batch", () => {
  it("takes the format from a file's name, and gives the document back in either form", async () => {
    const file = join(folder, "in.tsv");
    await writeFile(file, "1\t彼は医者です。\n2\t\n");
    const id = await submit(["--key", "tsv", "--keep-days", "2", "--watch", file]);
    const [again, document, parallel, [job]] = await Promise.all([
      submit(["--key", "tsv", file]),
      carousel(["document", id]),
      carousel(["document", "--form", "parallel", id]),
      jobs(id),
    ]);
    expect(again).toBe(id);
    expect(document.out).toMatch(/^1\t彼は医者です。\t.+\n2\t\t\n$/);
    expect(parallel.out).toMatch(/^彼は医者です。\t.+\n\t\n$/);
    expect(job).toMatchObject({ format: "BATCH_FORMAT_TSV", completed: 2 });
    expect(job.expiresMs - job.endedMs).toBe(2 * 24 * 3600_000);
  });

  it("has the server read and write documents in S3", async () => {
    const store = await openBlobStore(`s3://docs?endpoint=${s3.endpoint}`);
    await store.put("in.md", Buffer.from("# 彼は医者です。\n"));
    await submit(["--watch", "--output", "s3://docs/out.md", "s3://docs/in.md"]);
    await submit(["--watch", "--output", "s3://docs/out.tsv", "--output-form", "parallel", "s3://docs/in.md"]);
    expect(Buffer.from((await store.get("out.md"))!).toString()).toMatch(/^# .+\n$/);
    expect(Buffer.from((await store.get("out.tsv"))!).toString()).toMatch(/^彼は医者です。\t.+\n$/);
    const refused = await carousel(["submit", "--model", MODEL, "s3://other/in.md"]);
    expect(refused).toMatchObject({ code: 1, error: expect.stringContaining("documents may be in s3://docs/") });
  });

  it("watches in plain lines where there is no terminal, reads on from a line, and retries what failed", async () => {
    const lines = ['{"text":"彼は医者です。"}', '{"text":"a","options":{"beamSize":99}}', '{"text":""}'];
    const id = await submit(["--format", "jsonl"], lines.join("\n"));
    const watched = await carousel(["watch", id]);
    expect(watched.error.trim().split("\n").at(-1)).toMatch(new RegExp(`^${id}  done  3/3 segments, .* 1 failed`));
    expect(watched.error).not.toMatch(/[\r█]/);
    const [rest, json] = await Promise.all([
      carousel(["results", "--from", "1", id]),
      carousel(["results", "--from", "1", "--json", id]),
    ]);
    expect(rest).toMatchObject({ code: 0, out: "\n\n", error: expect.stringContaining("line 2: options.beam_size") });
    expect(
      json.out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).line),
    ).toEqual([1, 2]);
    expect((await carousel(["retry", id])).out).toMatch(new RegExp(`^${id}  (running|done)  `));
    await carousel(["watch", id]);
    const [job] = await jobs(id);
    expect(job).toMatchObject({ state: "BATCH_STATE_DONE", completed: 3, failed: 1 });
  });

  it("pauses, resumes, cancels and deletes; a watcher hears of it", async () => {
    const id = await submit([], "彼は医者です。\n".repeat(20_000));
    const paused = await carousel(["pause", id]);
    expect(paused.out).toContain(`${id}  paused  `);
    const [ofState, ofModel, ofBoth] = await Promise.all([
      jobs("--state", "paused"),
      jobs("--state", "paused", "--model", "other"),
      jobs("--state", "done", "paused", "--limit", "2"),
    ]);
    expect(ofState.map((job: { id: string }) => job.id)).toEqual([id]);
    expect(ofModel).toEqual([]);
    expect(ofBoth).toHaveLength(2);
    expect((await carousel(["resume", id])).out).toContain(`${id}  running  `);
    const [watched] = await Promise.all([carousel(["watch", id]), carousel(["cancel", id])]);
    expect(watched).toMatchObject({ code: 0, error: expect.stringContaining(`${id}  cancelled  `) });
    expect(await carousel(["delete", id])).toEqual({ code: 0, out: "", error: "" });
    const gone = { code: 1, out: "", error: `carousel: 127.0.0.1:${server.grpcPort}: there is no batch job ${id}\n` };
    const asked = ["status", "watch", "results"].map((command) => carousel([command, id]));
    expect(await Promise.all(asked)).toEqual([gone, gone, gone]);
  });

  it("says what is wrong before anything is sent", async () => {
    const submitted = (args: string[], environment = {}) =>
      carousel(["submit", "--model", MODEL, ...args], { input: "a\n", environment });
    const webhook = ["--webhook", "http://10.0.0.1/"];
    const [days, secret, address, file, format] = await Promise.all([
      submitted(["--keep-days", "-1"]),
      submitted(webhook, { CAROUSEL_WEBHOOK_SECRET: "" }),
      submitted(webhook, { CAROUSEL_WEBHOOK_SECRET: "a secret of sixteen" }),
      submitted([join(folder, "none.md")]),
      submitted(["--format", "docx"]),
    ]);
    expect(days).toMatchObject({ code: 1, error: "carousel: --keep-days must be a number, 0 or more\n" });
    expect(secret.error).toContain("--webhook needs a secret in CAROUSEL_WEBHOOK_SECRET");
    expect(address).toMatchObject({ code: 1, error: expect.stringContaining("10.0.0.1") });
    expect(file.error).toContain("no such file: ");
    expect((await carousel(["submit", "--model", MODEL, folder])).error).toContain("it is a folder");
    expect(format).toMatchObject({ code: 1, error: expect.stringContaining("tmx") });
  });

  it("ends quietly when nobody reads its results any more", async () => {
    const id = await submit(["--watch"], "彼は医者です。\n".repeat(5000));
    const child = spawn(process.execPath, commandLine(["results", id]), { cwd: repository });
    let error = "";
    child.stderr.on("data", (said) => {
      error += said;
    });
    child.stdout.once("data", () => child.stdout.destroy());
    await new Promise((resolve) => child.once("exit", resolve));
    expect(error).toBe("");
  });
});
