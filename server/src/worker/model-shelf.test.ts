import { appendFile, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeploymentStore } from "../deployment/deployments.js";
import { FolderDeployments } from "../deployment/folder-deployments.js";
import { RedisDeployments } from "../deployment/redis-deployments.js";
import { until } from "../queue/test-support/capitals.js";
import { RedisServer } from "../queue/test-support/redis-server.js";
import { ModelShelf, type ShelfChange } from "./model-shelf.js";
import { putBundle } from "./test-support/put-bundle.js";

/** Of engines, and what else of this process has a thread. */
const threads = () => process.getActiveResourcesInfo().filter((kind) => kind === "MessagePort").length;

describe("a shelf of models", () => {
  let folder: string;
  let lines: string[];
  const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "carousel-shelf-"));
    await mkdir(join(folder, "models"));
    lines = [];
  });
  afterEach(() => rm(folder, { recursive: true }));
  const open = (deployments: DeploymentStore, onChange: (change: ShelfChange) => void = () => {}) => {
    const engines = { threads: 1, intraOpThreads: 1 };
    return ModelShelf.open({
      modelsFolder: join(folder, "models"),
      deployments,
      log,
      onChange,
      watchMs: 100,
      ...engines,
    });
  };

  it("says of a folder without a bundle that no model is served", async () => {
    const shelf = await open(await FolderDeployments.open({ folder, log }));
    await shelf.close();
    expect(lines).toEqual(["no model is served"]);
  });

  it("goes on with a version while another takes its place, whenever it looks", async () => {
    const models = join(folder, "models");
    await putBundle(join(models, "one"), { name: "tiny", mark: "a" });
    await putBundle(join(models, "two"), { name: "other", mark: "b" });
    await putBundle(join(folder, "new"), { name: "tiny", mark: "c" });
    await putBundle(join(models, ".unfinished"), { name: "tiny", mark: "d" });
    const changes: string[] = [];
    const deployments = await FolderDeployments.open({ folder, log });
    const shelf = await open(deployments, (change) => void changes.push(change));
    shelf.follow(async () => {});
    await rename(join(models, "one"), join(folder, "old"));
    await new Promise((resolve) => setTimeout(resolve, 250)); // it looks every tenth of a second
    await rename(join(folder, "new"), join(models, "one"));
    await until(() => changes.includes("unloaded"));
    await shelf.close();
    expect(changes).toEqual(["loaded", "loaded", "loaded", "unloaded"]);
  });

  it("has one engine of a version whose folder another broke and whose copy lies beside it", async () => {
    const models = join(folder, "models");
    await putBundle(join(models, "one"), { name: "tiny", mark: "a" });
    const shelf = await open(await FolderDeployments.open({ folder, log }));
    const each = threads();
    shelf.follow(async () => {});
    await putBundle(join(folder, "broken"), { name: "tiny", mark: "b" });
    await appendFile(join(folder, "broken", "decoder.onnx"), "x");
    await rename(join(models, "one"), join(folder, "old"));
    await rename(join(folder, "broken"), join(models, "one"));
    await until(() => shelf.pool.refused.length === 1);
    await putBundle(join(folder, "new"), { name: "tiny", mark: "a" });
    await rename(join(folder, "new"), join(models, "two"));
    await putBundle(join(models, "three"), { name: "other", mark: "c" }); // when this is served, the copy has been seen
    await until(() => shelf.pool.models.length === 2);
    await rm(join(models, "three"), { recursive: true });
    await until(() => shelf.pool.models.length === 1);
    await until(() => threads() === each);
    await shelf.close();
  });

  it("keeps no engine of a version that it could not take, because Redis was gone", async () => {
    const redis = await RedisServer.start();
    const deployments = await RedisDeployments.open(redis.url);
    await putBundle(join(folder, "models", "one"), { name: "tiny", mark: "a" });
    const before = threads();
    const shelf = await open(deployments);
    const each = threads() - before;
    shelf.follow(async () => {});
    await redis.down();
    await putBundle(join(folder, "models", "two"), { name: "tiny", mark: "b" });
    await until(() => lines.includes("the folder of models cannot be followed"), 60_000);
    await redis.up();
    await until(() => shelf.pool.models.length === 2, 60_000);
    await shelf.close();
    await deployments.close();
    await redis.stop();
    expect(each).toBeGreaterThan(0);
    expect(threads()).toBe(before);
  }, 180_000);
});
