import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadConfig } from "./config.js";

const folder = mkdtempSync(join(tmpdir(), "carousel-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** An environment that names a file of that text. */
function fileOf(text: string): { CAROUSEL_CONFIG: string } {
  const path = join(folder, "config.yaml");
  writeFileSync(path, text);
  return { CAROUSEL_CONFIG: path };
}

test("flags go before the environment, and that before the file", () => {
  const file = fileOf("grpcPort: 1\nhttpPort: 2\nadminPort: 3\ndocuments: [s3://a, s3://b]\n");
  const environment = { ...file, CAROUSEL_GRPC_PORT: "4", CAROUSEL_HTTP_PORT: "5", REDIS_URL: "redis://a", HOST: "x" };
  expect(loadConfig({ grpcPort: "6", host: undefined }, environment)).toMatchObject({
    grpcPort: 6,
    httpPort: 5,
    adminPort: 3,
    documents: ["s3://a", "s3://b"],
    redis: "redis://a",
    host: "0.0.0.0",
  });
  expect(loadConfig({}, { REDIS_URL: "redis://a", CAROUSEL_REDIS: "redis://b" }).redis).toBe("redis://b");
  expect(loadConfig({}, { ...fileOf("# nothing\n"), CAROUSEL_DOCUMENTS: "" })).toEqual(loadConfig({}, {}));
});

test("what is wrong is named", () => {
  for (const text of ["redis=redis://a\ngrpcPort=1", "- grpcPort: 1", "5"]) {
    expect(() => loadConfig({}, fileOf(text))).toThrow("it must be YAML of lines such as grpcPort: 50051");
  }
  expect(() => loadConfig({}, fileOf("grpc_port: 1"))).toThrow("grpc_port: is not known; did you mean grpcPort?");
  expect(() => loadConfig({}, { CAROUSEL_CONFIG: "no/such.yaml" })).toThrow(
    "cannot read the configuration no/such.yaml",
  );
  expect(() => loadConfig({}, { CAROUSEL_GRPC_PORT: "x" })).toThrow('grpcPort: is "x"; it must be a number');
  expect(() => loadConfig({ jobs: "gs://a" }, {})).toThrow("jobs: must be a folder, or s3://BUCKET");
  expect(loadConfig({ jobs: "s3://a/b" }, {}).jobs).toBe("s3://a/b");
  expect(() => loadConfig({ cache: "redis" }, {})).toThrow("cache: is redis, which needs a Redis");
  expect(loadConfig({ cache: "redis", redis: "redis://a" }, {}).cache).toBe("redis");
  expect(() => loadConfig({ redis: "http://a" }, {})).toThrow("redis: must begin with redis://");
});
