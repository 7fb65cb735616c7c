import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig, type Running, startServer } from "@carousel/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repository } from "./repository.js";

const NAME = "v2-tiny-translation";
let folder: string;
let server: Running;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "carousel-fleet-"));
  await cp(join(repository, "tests/fixtures/bundles-v2", NAME), join(folder, "models", NAME), { recursive: true });
  const [models, jobs, glossaries] = ["models", "jobs", "glossaries"].map((name) => join(folder, name));
  const ports = { host: "127.0.0.1", grpcPort: 0, httpPort: 0, adminPort: 0, adminToken: "t" };
  server = await startServer(
    loadConfig({ models, jobs, glossaries, ...ports, intraOpThreads: 1, logLevel: "silent" }, {}),
  );
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

function models(command: string, ...args: string[]): Promise<{ code: number; out: string; error: string }> {
  const all = ["cli/bin/carousel.mjs", "models", command, "--address", `127.0.0.1:${server.adminPort}`, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, all, { cwd: repository }, (error, out, said) => {
      resolve({ code: error ? Number(error.code) : 0, out, error: said });
    });
  });
}

describe("carousel models", () => {
  it("shows and changes what a server serves, with its token", async () => {
    const { out } = await models("status", "--token", "t", "--json");
    const fleet = JSON.parse(out);
    expect(fleet).toMatchObject({ workers: 1, settled: true, refused: [], models: [{ name: NAME, share: 1 }] });
    const { version } = fleet.models[0];
    const [unloaded, locked, wrong] = await Promise.all([
      models("unload", NAME, "--token", "t"),
      models("status"),
      models("weight", NAME, "half", "--token", "t"),
    ]);
    expect(unloaded).toEqual({ code: 0, out: `${NAME}@${version}\t0 of 1 workers\tunloaded\n`, error: "" });
    expect(locked).toMatchObject({ code: 1, error: expect.stringContaining("the token of the admin port is missing") });
    expect(wrong).toMatchObject({ code: 1, error: expect.stringContaining("VERSION=WEIGHT is expected") });
    expect((await models("load", NAME, "--token", "t")).out).toContain("1 of 1 workers\t100 % of the requests");
  });
  it("says in one line what is wrong", async () => {
    expect((await models("status", "--address", "127.0.0.1:1")).error).toBe(
      "carousel: 127.0.0.1:1: no server can be reached: connect ECONNREFUSED 127.0.0.1:1\n",
    );
    expect((await models("status", "--seconds", "soon")).error).toContain("a number of at least 0 is expected");
  });
});
