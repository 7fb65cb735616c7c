import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_KEYS, environmentName, loadConfig } from "@carousel/server";
import { describe, expect, it } from "vitest";
import { repository } from "./repository.js";

const read = (...path: string[]) => readFileSync(join(repository, ...path), "utf8");

/** Folders that a server makes where it runs. */
const WRITTEN = ["jobs", "glossaries"] as const;

describe.each(["cpu", "cuda"])("the image for %s", (device) => {
  const dockerfile = read("k8s", "docker", `Dockerfile.${device}`);
  const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));
  const environment = Object.fromEntries(
    [...last.matchAll(/\b(CAROUSEL_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
  );

  it("runs a Node that all tests were run with", () => {
    const tested = /tested with (.*?),/.exec(read("README.md"))![1]!.match(/\d+/g);
    for (const [, version] of dockerfile.matchAll(/^FROM node:(\d+)/gm)) expect(tested).toContain(version);
  });

  it("has the library that Node needs, in every stage that Node is copied into", () => {
    const stages = dockerfile.split(/^(?=FROM )/m).filter((stage) => stage.includes("COPY --from=node "));
    expect(stages).toHaveLength(device === "cuda" ? 2 : 0);
    for (const stage of stages) expect(stage).toMatch(/^RUN apt-get .* libatomic1 /m);
  });

  it("sets what is a setting", () => {
    const names = CONFIG_KEYS.map(environmentName);
    expect(Object.keys(environment).filter((name) => !names.includes(name))).toEqual([]);
  });

  it("writes where its user may write, and a volume can be", () => {
    expect(last).toContain("RUN install -d -o 1000 -g 1000 /data\n");
    expect(last).toContain("USER 1000:1000\n");
    for (const key of WRITTEN) expect(loadConfig({}, environment)[key]).toBe(`/data/${key}`);
  });
});

it("what a server writes into a clone is in no commit and in no image", () => {
  const defaults = loadConfig({}, {});
  for (const key of WRITTEN) {
    expect(read(".gitignore").split("\n")).toContain(`/${defaults[key]}/`);
    expect(read(".dockerignore").split("\n")).toContain(defaults[key]);
  }
});
