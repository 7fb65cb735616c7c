import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { expect, it } from "vitest";
import { FolderDeployments } from "../deployment/folder-deployments.js";
import { ModelShelf } from "./model-shelf.js";

it("says of a folder without a bundle that no model is served", async () => {
  const folder = await mkdtemp(join(tmpdir(), "carousel-shelf-"));
  const lines: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
  const deployments = await FolderDeployments.open({ folder, log });
  const shelf = await ModelShelf.open({ modelsFolder: folder, deployments, log, onChange: () => {} });
  await shelf.close();
  await rm(folder, { recursive: true });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ folder, msg: "no model is served" }]);
});
