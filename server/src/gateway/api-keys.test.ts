import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { model } from "@carousel/protos";
import { type Client, credentials, Metadata, makeGenericClientConstructor, type ServiceError } from "@grpc/grpc-js";
import { service as healthService } from "grpc-health-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../config.js";
import { type Running, startServer } from "../roles.js";
import { ApiKeys, apiKeyOf } from "./api-keys.js";

const hash = (key: string) => createHash("sha256").update(key).digest("hex");
const folder = mkdtempSync(join(tmpdir(), "carousel-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, `${hash(text)}.yaml`);
  writeFileSync(path, text);
  return path;
}

const KEYS = `
keys:
  - { name: website, sha256: ${hash("open sesame")}, weight: 4 }
  - { name: archive, sha256: [${hash("old")}, ${hash("new")}] }
`;

describe("API keys", () => {
  it("know whose a key is, and refuse others and those who have none", () => {
    const keys = ApiKeys.read(file(KEYS));
    expect(keys.shareOf("open sesame")).toEqual({ name: "website", weight: 4 });
    expect([keys.shareOf("old"), keys.shareOf("new")]).toEqual(Array(2).fill({ name: "archive", weight: 1 }));
    for (const key of [undefined, "guess", hash("old")]) {
      expect(() => keys.shareOf(key)).toThrow(expect.objectContaining({ code: "UNAUTHENTICATED" }));
    }
  });

  it("give those without one a share where the file says so, but nobody with a wrong one", () => {
    const keys = ApiKeys.read(file(`${KEYS}anonymous: 0.5\n`));
    expect(keys.shareOf(undefined)).toEqual({ name: "anonymous", weight: 0.5 });
    expect(() => keys.shareOf("guess")).toThrow("not known");
    expect(ApiKeys.open().shareOf("whatever")).toEqual({ name: "anonymous", weight: 1 });
  });

  it("are read from either header", () => {
    const of = (headers: Record<string, string>) => apiKeyOf((name) => headers[name]);
    expect(of({ "x-api-key": "k" })).toBe("k");
    expect(of({ authorization: "Bearer k" })).toBe("k");
    expect(of({ authorization: "Basic k" })).toBeUndefined();
    expect(of({})).toBeUndefined();
  });

  it.each([
    ["keys: [{ name: a, sha256: abc }]", "keys[0].sha256"],
    [`keys: [{ name: "a b", sha256: ${hash("a")} }]`, "keys[0].name: must be 1 to 64"],
    [`keys: [{ name: a, sha256: ${hash("a")}, weight: 0 }]`, "keys[0].weight"],
    [`keys: [{ name: a, sha256: ${hash("a")} }, { name: a, sha256: ${hash("b")} }]`, "the name a is taken twice"],
    [`keys: [{ name: a, sha256: ${hash("a")} }, { name: b, sha256: ${hash("a")} }]`, "the key of b is another's too"],
    ["{", "cannot be read"],
    ["other: 1", "keys"],
  ])("of a file %s are refused: %s", (text, message) => {
    expect(() => ApiKeys.read(file(text))).toThrow(message);
  });
});

describe("a gateway with API keys", () => {
  let server: Running;
  let client: Client;
  beforeAll(async () => {
    const models = new URL("../../../tests/fixtures/bundles", import.meta.url).pathname;
    const quiet = { host: "127.0.0.1", grpcPort: 0, httpPort: 0, engineThreads: 1, logLevel: "silent" };
    const kept = { jobs: join(folder, "jobs"), glossaries: join(folder, "glossaries") };
    server = await startServer(loadConfig({ ...quiet, ...kept, models, apiKeys: file(KEYS) }, {}));
    client = new model.ModelServiceClient(`127.0.0.1:${server.grpcPort}`, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await server.close();
  });

  const list = (headers: Record<string, string>) =>
    new Promise<string>((resolve) => {
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
      (client as model.ModelServiceClient).listModels({}, metadata, (error: ServiceError | null) =>
        resolve(error ? `${error.code} ${error.details}` : "OK"),
      );
    });

  it("answers who has a key over gRPC, and refuses others before anything is done", async () => {
    expect(await list({ "x-api-key": "open sesame" })).toBe("OK");
    expect(await list({ authorization: "Bearer new" })).toBe("OK");
    expect(await list({})).toBe("16 an API key is required: send it as x-api-key");
    expect(await list({ "x-api-key": "guess" })).toBe("16 the API key is not known");
  });

  it("does the same over HTTP, and says who came by the name of the key only", async () => {
    const at = (path: string, headers = {}) => fetch(`http://127.0.0.1:${server.httpPort}${path}`, { headers });
    expect((await at("/v1/models")).status).toBe(401);
    expect((await at("/v1/models", { "x-api-key": "open sesame" })).status).toBe(200);
    const metrics = await (await at("/metrics")).text();
    expect(metrics).toContain('method="ListModels",code="OK",client="website"');
    expect(metrics).toContain('method="ListModels",code="UNAUTHENTICATED",client="unknown"');
    expect(metrics).not.toMatch(/open sesame|guess/);
  });

  it("is asked for its health by anybody", async () => {
    const Health = makeGenericClientConstructor(healthService, "Health");
    const health = new Health(`127.0.0.1:${server.grpcPort}`, credentials.createInsecure());
    const answer = await new Promise((resolve, reject) =>
      health.check!({ service: "" }, (error: ServiceError | null, said: unknown) =>
        error ? reject(error) : resolve(said),
      ),
    );
    expect(answer).toMatchObject({ status: "SERVING" });
    health.close();
  });
});
