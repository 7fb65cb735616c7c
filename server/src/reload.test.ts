import { appendFile, cp, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modelAdmin, SearchOptions, translation } from "@carousel/protos";
import { credentials, Metadata } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "./config.js";
import { until } from "./queue/test-support/capitals.js";
import { RedisServer } from "./queue/test-support/redis-server.js";
import { type Running, startGateway, startServer, startWorker } from "./roles.js";
import { call } from "./test-support/test-server.js";
import { putBundle } from "./worker/test-support/put-bundle.js";

const options = SearchOptions.fromPartial({ beamSize: 1, maxLength: 8 });
const request = translation.TranslateRequest.fromPartial({ model: "tiny", options, texts: ["彼は医者です。本"] });

type Answer = translation.TranslateResponse;
type Fleet = modelAdmin.Fleet;

/** A server that is used all the time. */
class Used {
  readonly versions = new Map<string, number>();
  readonly failures: string[] = [];
  private state: "in use" | "at rest" = "in use";
  private readonly callers: Promise<void>[];
  private readonly translator: translation.TranslationServiceClient;
  private readonly admin: modelAdmin.ModelAdminServiceClient;

  constructor(
    readonly gateway: Running,
    private readonly others: readonly { close(): Promise<void> }[] = [],
  ) {
    const at = (port: number | undefined) => [`127.0.0.1:${port}`, credentials.createInsecure()] as const;
    this.translator = new translation.TranslationServiceClient(...at(gateway.grpcPort));
    this.admin = new modelAdmin.ModelAdminServiceClient(...at(gateway.adminPort));
    this.callers = Array.from({ length: 3 }, () => this.use());
  }

  ask(changes: Partial<typeof request> = {}, metadata = new Metadata()): Promise<Answer> {
    return call<object, Answer>(this.translator, "translate", { ...request, ...changes }, metadata);
  }

  tell(method: string, message: object = {}): Promise<Fleet> {
    return call<object, Fleet>(this.admin, method, { model: "tiny", ...message });
  }

  /** Waits for so many further answers. @returns how many of them each version gave */
  async answers(count: number): Promise<Map<string, number>> {
    this.versions.clear();
    await until(() => [...this.versions.values()].reduce((a, b) => a + b, 0) >= count);
    return new Map(this.versions);
  }

  async stop(): Promise<void> {
    this.state = "at rest";
    await Promise.all(this.callers);
    for (const client of [this.translator, this.admin]) client.close();
    await this.gateway.close();
    for (const other of this.others) await other.close();
  }

  private async use(): Promise<void> {
    while (this.state === "in use") {
      try {
        const { modelVersion, translations } = await this.ask();
        expect(translations).toHaveLength(1);
        this.versions.set(modelVersion, (this.versions.get(modelVersion) ?? 0) + 1);
      } catch (error) {
        this.failures.push((error as Error).message);
      }
      // reloads need time too
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

let folder: string;
let models: string;
let redis: RedisServer | undefined;
let server: Used;
let v1: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "carousel-reload-"));
  models = join(folder, "models");
  v1 = await putBundle(join(models, "one"), { name: "tiny", mark: "a" });
});
afterEach(async () => {
  await server.stop();
  await redis?.stop();
  redis = undefined;
  await rm(folder, { recursive: true });
});

const config = (more: Record<string, unknown> = {}) =>
  loadConfig(
    {
      ...{ models, jobs: join(folder, "jobs"), glossaries: join(folder, "glossaries"), host: "127.0.0.1" },
      ...{ grpcPort: 0, httpPort: 0, adminPort: 0, intraOpThreads: 1, logLevel: "silent" },
      ...more,
    },
    {},
  );

/** Beside the others, whole at once. */
async function put(name: string, mark: string): Promise<string> {
  const version = await putBundle(join(folder, "new"), { name: "tiny", mark });
  await rename(join(folder, "new"), join(models, name));
  return version;
}

/** In the place of another. */
async function replace(name: string, mark: string): Promise<string> {
  await rename(join(models, name), join(folder, `old-${mark}`));
  return put(name, mark);
}

const view = ({ models: versions }: Fleet) =>
  new Map(versions.map(({ version, workers, share, unloaded }) => [version, unloaded ? "unloaded" : [workers, share]]));

const kinds = {
  "one process": async (more: Record<string, unknown> = {}) => new Used(await startServer(config(more))),
  "workers over Redis": async (more: Record<string, unknown> = {}) => {
    redis = await RedisServer.start();
    const all = { redis: redis.url, ...more };
    const workers = await Promise.all([1, 2].map(() => startWorker(config(all))));
    return new Used(await startGateway(config(all)), workers);
  },
};

describe.each(Object.entries(kinds))("models of %s", (kind, start) => {
  const workers = kind === "one process" ? 1 : 2;

  it("reload again and again, and no request fails", async () => {
    server = await start();
    await server.answers(20);
    for (let k = 0; k < 20 / workers ** 2; k++) {
      const { settled, refused } = await server.tell("reloadModels");
      expect({ settled, refused }).toEqual({ settled: true, refused: [] });
    }
    const answers = await server.answers(20);
    expect([...answers.keys()]).toEqual([v1]);
    expect(server.failures).toEqual([]);
  }, 180_000);

  it("share requests by weight, go back by one call, and leave", async () => {
    server = await start();
    const v2 = await put("two", "b");
    expect(view(await server.tell("loadModels"))).toEqual(
      new Map<string, unknown>([
        [v1, [workers, 1]],
        [v2, [workers, 0]],
      ]),
    );
    expect([...(await server.answers(50)).keys()]).toEqual([v1]);
    expect((await server.ask({ model: `tiny@${v2.slice(0, 6)}` })).modelVersion).toBe(v2);

    const half = view(await server.tell("setWeights", { weights: { [v1]: 1, [v2]: 1 } }));
    expect(half).toEqual(
      new Map([
        [v1, [workers, 0.5]],
        [v2, [workers, 0.5]],
      ]),
    );
    const shared = await server.answers(200);
    expect(shared.get(v1)).toBeGreaterThan(50);
    expect(shared.get(v2)).toBeGreaterThan(50);
    const metadata = new Metadata();
    metadata.set("x-request-id", "the same");
    const same = await Promise.all(Array.from({ length: 10 }, () => server.ask({}, metadata)));
    expect(new Set(same.map((a) => a.modelVersion)).size).toBe(1);

    await server.tell("setWeights", { weights: { [v2]: 1 } });
    await server.answers(20);
    await expect(server.tell("unloadModel", { model: `tiny@${v2}` })).rejects.toThrow("give them to another version");
    expect(view(await server.tell("unloadModel", { model: `tiny@${v1}` })).get(v1)).toBe("unloaded");
    expect([...(await server.answers(20)).keys()]).toEqual([v2]);
    const unloaded = () => server.ask({ model: `tiny@${v1}` }).then(String, (e: Error) => e.message);
    await expect.poll(unloaded).toContain("there is no such version");

    await server.tell("rollBack");
    await server.tell("rollBack"); // and forth
    await server.tell("rollBack");
    const back = await server.tell("getFleet");
    expect(view(back).get(v1)).toEqual([workers, 0.5]);
    expect(server.failures).toEqual([]);
    await expect(server.tell("setWeights", { weights: { ff: 1 } })).rejects.toThrow(
      '"ff" is no version of tiny; served:',
    );
    await expect(server.tell("setWeights", { weights: { [v1]: 0 } })).rejects.toThrow("more than 0");
    await expect(server.tell("rollBack", { model: "none" })).rejects.toThrow("there is no model none");
  });
});

/** A number of the server's /metrics page. */
async function metric(name: string): Promise<number> {
  const page = await (await fetch(`http://127.0.0.1:${server.gateway.httpPort}/metrics`)).text();
  return Number(new RegExp(`^${name.replaceAll(/[{}"]/g, "\\$&")} (.*)$`, "m").exec(page)?.[1]);
}

describe("a folder that is watched", () => {
  it("is not served while it is being copied", async () => {
    server = await kinds["one process"]({ watchModelsSeconds: 0.1 });
    const v2 = await putBundle(join(folder, "new"), { name: "tiny", mark: "b" });
    await cp(join(folder, "new", "manifest.json"), join(models, "two", "manifest.json"));
    await until(async () => (await server.tell("getFleet")).refused.length === 1);
    expect((await server.tell("getFleet")).refused[0]!.reason).toContain("is missing");
    await cp(join(folder, "new"), join(models, "two"), { recursive: true });
    await until(async () => view(await server.tell("getFleet")).has(v2));
    expect((await server.tell("getFleet")).refused).toEqual([]);
    expect(server.failures).toEqual([]);
  });

  it("goes on with the old version while a new one in its place is broken", async () => {
    server = await kinds["one process"]({ watchModelsSeconds: 0.1 });
    await server.answers(10);
    const broken = await putBundle(join(folder, "new"), { name: "tiny", mark: "b" });
    // of the same size: only the hash can tell
    await cp(join(folder, "new", "source.model"), join(folder, "source.model"));
    const bytes = await readFile(join(folder, "new", "source.model"));
    bytes[bytes.length >> 1]! ^= 0xff;
    await writeFile(join(folder, "new", "source.model"), bytes);
    await rename(join(models, "one"), join(folder, "old"));
    await rename(join(folder, "new"), join(models, "one"));
    // who looks between the two renames may see a folder without its files
    const refused = async () => (await server.tell("getFleet")).refused.map(({ reason }) => reason);
    await until(async () =>
      (await refused()).some((reason) => reason.includes("source.model is damaged: its sha256 is")),
    );
    expect(await refused()).toHaveLength(1);
    expect(await metric("carousel_models_refused")).toBe(1);
    expect(await metric('carousel_model_changes_total{change="refused"}')).toBeGreaterThan(0);
    expect([...(await server.answers(20)).keys()]).toEqual([v1]);
    // and takes it when it is mended
    await rename(join(folder, "source.model"), join(models, "one", "source.model"));
    await until(() => server.versions.has(broken));
    expect((await server.tell("getFleet")).models).toMatchObject([{ version: broken, share: 1 }]);
    // an empty folder is a lost disk
    await rename(join(models, "one"), join(folder, "elsewhere"));
    await server.answers(50);
    expect(server.failures).toEqual([]);
  });

  it("may hold a version twice, which is loaded once", async () => {
    server = await kinds["one process"]({ watchModelsSeconds: 0.1 });
    const threads = () => process.getActiveResourcesInfo().filter((kind) => kind === "MessagePort").length;
    await server.answers(10);
    const before = threads();
    await cp(join(models, "one"), join(models, "a copy"), { recursive: true });
    const v2 = await put("two", "b"); // when this is served, the copy has been seen
    await until(async () => view(await server.tell("getFleet")).has(v2));
    await rm(join(models, "two"), { recursive: true });
    await until(async () => !view(await server.tell("getFleet")).has(v2));
    await until(() => threads() === before);
    await rm(join(models, "one"), { recursive: true });
    await until(async () => (await metric('carousel_model_changes_total{change="unloaded"}')) === 2);
    expect([...(await server.answers(20)).keys()]).toEqual([v1]);
    expect(server.failures).toEqual([]);
  });

  it("goes on with a bundle that was moved and then broken", async () => {
    server = await kinds["one process"]({ watchModelsSeconds: 0.1 });
    const v2 = await put("two", "b");
    await until(async () => view(await server.tell("getFleet")).has(v2));
    await rename(join(models, "one"), join(models, "moved"));
    const v3 = await put("three", "c"); // when this is served, the move has been seen
    await until(async () => view(await server.tell("getFleet")).has(v3));
    await appendFile(join(models, "moved", "decoder.onnx"), "x");
    await until(async () => (await server.tell("getFleet")).refused.length === 1);
    expect([...(await server.answers(20)).keys()]).toEqual([v1]);
    expect(server.failures).toEqual([]);
  });

  it("is left by versions that are removed, after another has come", async () => {
    server = await kinds["one process"]({ watchModelsSeconds: 0.1 });
    const v2 = await put("two", "b");
    await until(async () => (await server.tell("getFleet")).models.length === 2);
    await rm(join(models, "one"), { recursive: true });
    await until(async () => (await server.tell("getFleet")).models.length === 1);
    await server.answers(10); // some may have been on their way
    expect([...(await server.answers(20)).keys()]).toEqual([v2]);
    expect(server.failures).toEqual([]);
    for (const mark of "cdef") {
      const next = await replace("two", mark);
      await until(() => server.versions.has(next));
    }
    expect(server.failures).toEqual([]);
    await appendFile(join(models, "two", "decoder.onnx"), "x");
    await until(async () => (await server.tell("getFleet")).refused.length === 1);
    await server.answers(10);
    expect(server.failures).toEqual([]);
  });
});

describe("a cache of results", () => {
  it("is off unless it is asked for, and knows versions apart", async () => {
    server = await kinds["one process"]({ cache: "memory" });
    await server.answers(20);
    expect(await metric('carousel_cache_lookups_total{outcome="hit"}')).toBeGreaterThan(10);
    const [first] = (await server.ask()).translations;
    const v2 = await put("two", "b");
    await server.tell("loadModels");
    await server.tell("setWeights", { weights: { [v2]: 1 } });
    const second = await server.ask();
    expect(second.modelVersion).toBe(v2);
    // of other files and the same weights
    expect(second.translations).toEqual([first]);
    // each of the two segments was looked for in vain once by each version, by some callers at the same time
    expect(await metric('carousel_cache_lookups_total{outcome="miss"}')).toBeGreaterThanOrEqual(4);
    expect(server.failures).toEqual([]);
  });
});

describe("the admin port", () => {
  it("is not there unless it is asked for, and wants its token", async () => {
    server = await kinds["one process"]({ adminToken: "secret" });
    await expect(server.tell("getFleet")).rejects.toMatchObject({ code: 16 });
    const client = new modelAdmin.ModelAdminServiceClient(
      `127.0.0.1:${server.gateway.adminPort}`,
      credentials.createInsecure(),
    );
    const metadata = new Metadata();
    metadata.set("authorization", "Bearer secret");
    expect(await call<object, Fleet>(client, "getFleet", {}, metadata)).toMatchObject({ workers: 1, settled: true });
    client.close();
    const plain = await startServer(config({ adminPort: undefined }));
    expect(plain.adminPort).toBeUndefined();
    await plain.close();
    await expect(startServer(config({ adminHost: "0.0.0.0" }))).rejects.toThrow("needs a token");
  });
});
