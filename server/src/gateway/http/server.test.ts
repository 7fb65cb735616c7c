import { once } from "node:events";
import { Agent, type IncomingMessage, request, Server } from "node:http";
import { afterEach, describe, expect, it, test, vi } from "vitest";
import { CarouselError } from "../../errors.js";
import { Networks } from "../../jobs/webhooks/networks.js";
import { checkWebhook, type Webhook } from "../../jobs/webhooks/webhook.js";
import { createLog } from "../../observability/log.js";
import { Metrics } from "../../observability/metrics.js";
import { ApiKeys } from "../api-keys.js";
import type { Services } from "../services.js";
import { gatewayApp } from "./app.js";
import { type HttpServer, startHttp } from "./server.js";

test("of a call that fails nothing is waited for any more", async () => {
  let signal: AbortSignal | undefined;
  const services = {
    translator: {
      translate: async (call: { signal: AbortSignal }) => {
        ({ signal } = call);
        throw new CarouselError("RESOURCE_EXHAUSTED", "the queue is full");
      },
    },
    glossaries: { termsOf: async () => [] },
    apiKeys: ApiKeys.open(),
    metrics: { request: () => () => {} },
  } as unknown as Services;
  const body = JSON.stringify({ model: "m", texts: ["a"] });
  const app = gatewayApp(services).onError((error, c) => c.text(error.message, 500));
  const response = await app.request("/v1/translate", { method: "POST", body });
  expect(await response.text()).toBe("the queue is full");
  expect(signal?.aborted).toBe(true);
});

describe("what HTTP says", () => {
  const servers: HttpServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close(0);
  });

  /** A server that gives texts back as they are. */
  const start = async () => {
    const services = {
      translator: { translate: async ({ texts }: { texts: readonly string[] }) => ({ texts }) },
      glossaries: { termsOf: async () => [] },
      catalog: { resolve: async () => ({ name: "m", targetLanguage: "en" }) },
      jobs: { checkWebhook: (webhook: Webhook) => checkWebhook(webhook, new Networks()) },
      apiKeys: ApiKeys.open(),
      metrics: { request: () => () => {} },
      ready: () => {
        throw new CarouselError("UNAVAILABLE", "no worker is there", { retryAfterMs: 1200 });
      },
    } as unknown as Services & { ready(): Promise<void> };
    const server = await startHttp(services, { host: "127.0.0.1", port: 0, app: gatewayApp(services) });
    servers.push(server);
    return `http://127.0.0.1:${server.port}`;
  };
  const post = async (body: RequestInit["body"] & {}, more: RequestInit = {}) => {
    const response = await fetch(`${await start()}/v1/translate`, { method: "POST", body, ...more });
    return { status: response.status, ...((await response.json()) as { error: { message: string } }) };
  };
  const refusal = async (wish: object) => (await post(JSON.stringify({ texts: ["a"], model: "m", ...wish }))).error;

  it("names fields as they are written in JSON", async () => {
    expect(await refusal({ beamSize: 99 })).toEqual({
      code: "INVALID_ARGUMENT",
      message: "beamSize is 99; it must be from 1 to 16",
      violations: [{ field: "beamSize", description: "is 99; it must be from 1 to 16" }],
    });
    expect(await refusal({ targetPrefixes: ["a", "b"] })).toMatchObject({ violations: [{ field: "targetPrefixes" }] });
    expect(await refusal({ terms: [{ source: "a" }] })).toMatchObject({ violations: [{ field: "terms[0].target" }] });
  });

  it("names a field that is not known, and the one that was meant or those that there are", async () => {
    const meant = { field: "beam_size", description: "is not known; did you mean beamSize?" };
    expect(await refusal({ beam_size: 3 })).toEqual({
      code: "INVALID_ARGUMENT",
      message: "beam_size is not known; did you mean beamSize?",
      violations: [meant],
    });
    expect(await refusal({ options: { beamSize: 3 } })).toMatchObject({
      message: expect.stringMatching(/^options is not known; known are texts, model, sourceLanguage, .*, beamSize, /),
      violations: [{ field: "options" }],
    });
    expect(await refusal({ terms: [{ source: "a", target: "b", comment: "c" }] })).toMatchObject({
      message: "terms[0].comment is not known; known are source, target, sourceForms, targetForms, case, inflection",
    });
  });

  it("says what a value is and what it must be", async () => {
    const messages = {
      "model is 5; it must be a string": { model: 5 },
      'beamSize is "wide"; it must be a number': { beamSize: "wide" },
      "beamSize is null; it must be a number": { beamSize: null },
      "texts is a string; it must be a list": { texts: "a private letter" },
      "texts[1] is an object; it must be a string": { texts: ["a", {}] },
      'format is "pdf"; it must be one of text, html, xml': { format: "pdf" },
      "terms[0].target is missing; it must be a string": { terms: [{ source: "a" }] },
    };
    for (const [message, wish] of Object.entries(messages)) expect(await refusal(wish)).toMatchObject({ message });
    expect((await post("[]")).error.message).toBe("body is a list; it must be an object");
  });

  it("calls a webhook's address and secret as HTTP has them", async () => {
    const url = await start();
    const refused = async (query: string) => {
      const response = await fetch(`${url}/v1/batches?model=m&${query}`, { method: "POST", body: "a" });
      return ((await response.json()) as { error: { message: string } }).error.message;
    };
    expect(await refused("webhook=ftp://a")).toMatch(/^webhook must be a URL/);
    expect(await refused("webhook=http://a.example")).toMatch(/^x-webhook-secret must have at least 16 characters/);
  });

  it("takes JSON in UTF-8 only, with a byte order mark or without", async () => {
    const body = Buffer.from('{"texts":["café"],"model":"m"}');
    expect(await post(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]))).toMatchObject({ texts: ["café"] });
    expect(await post(Buffer.from(body.toString("utf8"), "latin1"))).toMatchObject({
      status: 400,
      error: { message: expect.stringMatching(/^the body must be JSON, in UTF-8: .*encoded data/) },
    });
    expect((await post("texts=a")).error.message).toMatch(/^the body must be JSON, in UTF-8: Unexpected token/);
    expect((await post("")).error.message).toBe("the body is empty; it must be JSON, in UTF-8");
  });

  it("refuses a body that is too large, whether its length is known or not, before it has come", async () => {
    const refused = { status: 400, error: { message: "the body is larger than 32 MiB" } };
    expect(await post(new Uint8Array(40 * 2 ** 20))).toMatchObject(refused);
    const endless = new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(2 ** 20)) });
    expect(await post(endless, { duplex: "half" } as RequestInit)).toMatchObject(refused);
  });

  it("says which methods there are", async () => {
    const url = await start();
    const got = await fetch(`${url}/v1/translate`);
    expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
    expect(await got.text()).toContain("there is no GET at /v1/translate; allowed are POST");
    expect((await fetch(`${url}/healthz`, { method: "DELETE" })).status).toBe(405);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
  });

  it("tells when to come again in a header, too", async () => {
    const { status, headers } = await fetch(`${await start()}/readyz`);
    expect([status, headers.get("retry-after")]).toEqual([503, "2"]);
  });

  it("waits longer than Node does, for a document and for the next request", async () => {
    const listen = vi.spyOn(Server.prototype, "listen");
    await start();
    const { requestTimeout, headersTimeout, keepAliveTimeout } = listen.mock.contexts[0] as Server;
    expect({ requestTimeout, headersTimeout, keepAliveTimeout }).toEqual({
      requestTimeout: 24 * 60 * 60_000,
      headersTimeout: 60_000,
      keepAliveTimeout: 75_000,
    });
  });
});

test("how much waits is told without a key, as metrics do; all else needs one", async () => {
  const apiKeys = {
    shareOf: () => {
      throw new CarouselError("UNAUTHENTICATED", "no key");
    },
  };
  const metrics = new Metrics(createLog("silent"));
  const services = { apiKeys, metrics, queueDepth: async () => 7 } as unknown as Services;
  const app = gatewayApp(services).onError((error, c) => c.text(error.message, 401));
  expect(await (await app.request("/v1/queue")).json()).toEqual({ depth: 7 });
  expect((await app.request("/v1/models")).status).toBe(401);
  expect((await app.request("/v1/batches")).status).toBe(401);
  expect((await app.request("/v1/what-a-caller-sends")).status).toBe(401);
  const counted = (await metrics.registry.metrics()).match(/^carousel_requests_total.*$/gm);
  const line = (method: string) =>
    `carousel_requests_total{protocol="http",method="${method}",code="UNAUTHENTICATED",client="unknown"} 1`;
  expect(counted).toEqual(["models", "batches", "unknown"].map(line));
});

test("every request is counted, by what came of it", async () => {
  const metrics = new Metrics(createLog("silent"));
  const get = async (name: string) => {
    throw new CarouselError("NOT_FOUND", name);
  };
  const catalog = { list: async () => [] };
  const services = { apiKeys: ApiKeys.open(), metrics, catalog, glossaries: { get } } as unknown as Services;
  const app = gatewayApp(services).onError((error, c) => c.text(error.message, 404));
  await app.request("/v1/models");
  await app.request("/v1/glossaries/a");
  await app.request("/v1/what-a-caller-sends");
  const counted = (await metrics.registry.metrics()).match(/(?<=^carousel_requests_total).*$/gm);
  expect(counted).toEqual([
    '{protocol="http",method="models",code="OK",client="anonymous"} 1',
    '{protocol="http",method="glossaries",code="NOT_FOUND",client="anonymous"} 1',
    '{protocol="http",method="unknown",code="NOT_FOUND",client="anonymous"} 1',
  ]);
});

test("while a server drains, a caller who keeps its connection is asked to go", async () => {
  const sources = { metrics: new Metrics(createLog("silent")), ready: async () => {} };
  const http = await startHttp(sources, { host: "127.0.0.1", port: 0 });
  const agent = new Agent({ keepAlive: true });
  const get = async () => {
    const answered = once(request({ agent, port: http.port, path: "/healthz" }).end(), "response");
    const [response] = (await answered) as [IncomingMessage];
    await response.resume().toArray();
    return response.headers.connection;
  };
  expect(await get()).toBe("keep-alive");
  http.drain();
  expect(await get()).toBe("close");
  await http.close(60_000);
});
