import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cycles, importsOf, loadedBy, readImports, violations } from "./ladder.js";
import { repository } from "./repository.js";

const imports = readImports();

describe("the import ladder", () => {
  it("sees the sources", () => {
    expect(imports.length).toBeGreaterThan(300);
  });

  it("is only gone down", () => {
    expect(violations(imports)).toEqual([]);
  });

  it("has no cycles", () => {
    expect(cycles(imports)).toEqual([]);
  });

  it("keeps ONNX Runtime and models out of the gateway", () => {
    const loaded = [...loadedBy("server/src/index.ts", imports)];
    expect(loaded).toContain("server/src/gateway/grpc/server.ts");
    expect(loaded.filter((f) => f === "onnxruntime-node" || f.startsWith("server/src/worker/"))).toEqual([]);
  });

  it("reads the environment of the server in config.ts only", () => {
    const readers = [...new Set(imports.map((i) => i.from))].filter(
      (f) => f.startsWith("server/") && readFileSync(join(repository, f), "utf8").includes("process.env"),
    );
    expect(readers).toEqual(["server/src/config.ts"]);
  });

  it("names what breaks it (the control of the checks above)", () => {
    const bad = [
      ...importsOf("training/src/a.ts", 'import { x } from "@carousel/server";'),
      ...importsOf("training/src/autodiff/b.ts", 'import type {\n  Cell,\n} from "../cells/cell.js";'),
      ...importsOf("server/src/jobs/c.ts", 'import { Queue } from "bullmq";'),
      ...importsOf("tokenizer/src/d.ts", 'export * from "@carousel/bundle";'),
    ];
    expect(violations(bad).map((v) => v.split(":")[0])).toEqual([
      "training/src/a.ts imports server/src/index.ts",
      "training/src/autodiff/b.ts imports training/src/cells/cell.ts",
      "server/src/jobs/c.ts imports bullmq",
      "tokenizer/src/d.ts imports bundle/src/index.ts",
    ]);
    const circle = [
      ...importsOf("bundle/src/a.ts", 'import "./b.js";'),
      ...importsOf("bundle/src/b.ts", 'import { a } from "./a.js";'),
    ];
    expect(cycles(circle)).toEqual(["bundle/src/a.ts → bundle/src/b.ts → bundle/src/a.ts"]);
  });
});
