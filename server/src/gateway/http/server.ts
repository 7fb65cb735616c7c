import { readFile } from "node:fs/promises";
import { type ServerType, serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { z } from "zod";
import { CarouselError } from "../../errors.js";
import { TEXT_FORMATS } from "../../translation/inline/formats.js";
import { TERM_CASES, TERM_INFLECTIONS } from "../../translation/terms/term.js";
import type { CallContext } from "../call-context.js";
import type { Services } from "../services.js";
import { checkPairs, checkPrefixes, checkText, checkTexts, samplingOptions, searchOptions } from "../validate.js";
import { batchRoutes } from "./batches.js";
import { jsonOf } from "./bodies.js";
import { type Caller, known } from "./caller.js";
import { failure, methodRefused, notFound } from "./failures.js";

const DEADLINE_MS = 60_000;
/** A document may be long on its way: Node gives up a request that has not all come in five minutes. */
const LONGEST_UPLOAD_MS = 24 * 60 * 60_000;
/** Longer than proxies keep a connection (a minute), or they would send a request on one that is just being closed: Node's 5 s. */
const KEEP_ALIVE_MS = 75_000;
const page = new URL("../../../../web/index.html", import.meta.url);

const forms = z.array(z.string()).optional();

const termBody = z.strictObject({
  source: z.string(),
  target: z.string(),
  sourceForms: forms,
  targetForms: forms,
  case: z.enum(TERM_CASES).optional(),
  inflection: z.enum(TERM_INFLECTIONS).optional(),
});

const glossaryBody = z.strictObject({
  name: z.string(),
  sourceLanguage: z.string(),
  targetLanguage: z.string(),
  terms: z.array(termBody),
});

const languages = {
  model: z.string().optional(),
  sourceLanguage: z.string().optional(),
  targetLanguage: z.string().optional(),
};

const common = {
  temperature: z.number().optional(),
  topK: z.number().optional(),
  topP: z.number().optional(),
  seed: z.number().optional(),
  suppress: z.array(z.string()).optional(),
  repetitionPenalty: z.number().optional(),
  noRepeatNgram: z.number().optional(),
};

const translateBody = z.strictObject({
  texts: z.array(z.string()),
  ...languages,
  format: z.enum(TEXT_FORMATS).default("text"),
  glossaries: z.array(z.string()).default([]),
  terms: z.array(termBody).default([]),
  beamSize: z.number().optional(),
  nBest: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  lengthPenalty: z.number().optional(),
  coveragePenalty: z.number().optional(),
  patience: z.number().optional(),
  alignments: z.boolean().optional(),
  noShortlist: z.boolean().optional(),
  allowLoops: z.boolean().optional(),
  targetPrefixes: z.array(z.string()).default([]),
  ...common,
});

const scoreBody = z.strictObject({
  pairs: z.array(z.strictObject({ source: z.string(), target: z.string() })),
  ...languages,
  alignments: z.boolean().default(false),
});

const generateBody = z.strictObject({
  model: z.string(),
  prompt: z.string().default(""),
  minTokens: z.number().optional(),
  maxTokens: z.number().optional(),
  stop: z.array(z.string()).optional(),
  ...common,
});

/** The page, JSON for it and for scripts. */
export function gatewayApp(services: Services): Hono<Caller> {
  const app = new Hono<Caller>();
  app.get("/", async (c) => c.html(await readFile(page, "utf8")));
  // as a metric has it, for autoscalers, which have no key
  app.get("/v1/queue", async (c) => c.json({ depth: await services.queueDepth() }));
  app.use("/v1/*", known(services));
  app.get("/v1/models", async (c) => c.json({ models: await services.catalog.list() }));
  app.route("/v1/batches", batchRoutes(services));
  app.get("/v1/glossaries", async (c) => c.json({ glossaries: await services.glossaries.list() }));
  app.post("/v1/glossaries", async (c) => c.json(await services.glossaries.create(await jsonOf(c, glossaryBody)), 201));
  app.get("/v1/glossaries/:name", async (c) => c.json(await services.glossaries.get(c.req.param("name"))));
  app.delete("/v1/glossaries/:name", async (c) => {
    await services.glossaries.delete(c.req.param("name"));
    return c.body(null, 204);
  });
  app.post(
    "/v1/translate",
    answer(async (c, call) => {
      const { texts, format, targetPrefixes: prefixes, glossaries, terms, ...rest } = await jsonOf(c, translateBody);
      checkTexts(texts);
      checkPrefixes(prefixes, texts);
      const { query, ...wishes } = withQuery(rest);
      const options = searchOptions(wishes);
      return services.translator.translate({
        query,
        texts,
        format,
        prefixes,
        terms: await services.glossaries.termsOf({ glossaries, terms }, query),
        options,
        priority: "interactive",
        ...call,
      });
    }),
  );
  app.post(
    "/v1/score",
    answer(async (c, call) => {
      const { query, pairs, alignments } = withQuery(await jsonOf(c, scoreBody));
      checkPairs(pairs);
      return services.scorer.score({ query, pairs, alignments, ...call });
    }),
  );
  app.post(
    "/v1/generate",
    answer(async (c, call) => {
      const { model, prompt, ...wishes } = await jsonOf(c, generateBody);
      checkText(prompt, "prompt");
      return services.generator.generate({ model, prompt, options: samplingOptions(wishes), ...call });
    }),
  );
  return app;
}

/** A call of the model: what else of it waits is withdrawn when a part of it fails. */
function answer(handle: (c: Context, call: CallContext) => Promise<object>) {
  return async (c: Context<Caller>) => {
    const failed = new AbortController();
    const call = {
      deadline: Date.now() + DEADLINE_MS,
      signal: AbortSignal.any([c.req.raw.signal, failed.signal]),
      requestId: c.get("requestId"),
      share: c.get("share"),
    };
    try {
      return c.json(await handle(c, call));
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
}

type Named = { [K in keyof typeof languages]?: string | undefined };

/** A body's languages and model as a query, and what else it holds. */
function withQuery<T extends Named>({ model, sourceLanguage = "", targetLanguage = "", ...rest }: T) {
  return { query: model ? { model } : { sourceLanguage, targetLanguage }, ...rest };
}

export interface HealthSources {
  readonly metrics: Services["metrics"];
  ready(): Promise<void>;
}

export interface HttpServer {
  readonly port: number;
  /** From now on each answer ends its connection, so that callers who keep theirs go elsewhere. */
  drain(): void;
  /** Drains, lets requests in flight finish within the grace, and breaks off the others. */
  close(graceMs: number): Promise<void>;
}

/** Starts the HTTP port: /healthz, /readyz and /metrics of any role, and what `app` adds. */
export function startHttp(
  { metrics, ready }: HealthSources,
  options: { host: string; port: number; app?: Hono<Caller> },
): Promise<HttpServer> {
  const app = new Hono();
  app.use(methodNotAllowed({ app, onMethodNotAllowed: methodRefused }));
  if (options.app) app.route("/", options.app);
  app.get("/healthz", (c) => c.text("ok\n"));
  app.get("/readyz", async (c) => {
    await ready();
    return c.text("ready\n");
  });
  app.get("/metrics", async (c) =>
    c.body(await metrics.registry.metrics(), 200, { "content-type": metrics.registry.contentType }),
  );
  app.onError(failure);
  app.notFound(notFound);
  let isDraining = false;
  const drain = () => {
    isDraining = true;
  };
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: options.host, port: options.port }, ({ port }) => {
      resolve({
        port,
        drain,
        close: (graceMs) => {
          drain();
          return closeServer(server, graceMs);
        },
      });
    });
    server.prependListener("request", (_, response) => {
      if (isDraining) response.setHeader("connection", "close");
    });
    if ("requestTimeout" in server) {
      server.requestTimeout = LONGEST_UPLOAD_MS;
      server.keepAliveTimeout = KEEP_ALIVE_MS;
    }
    server.on("error", (error: Error) => {
      reject(
        new CarouselError("FAILED_PRECONDITION", `cannot listen on ${options.host}:${options.port}: ${error.message}`),
      );
    });
  });
}

function closeServer(server: ServerType, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    // who watches a job, or has stopped in the middle of a document, would be waited for for ever
    const force = setTimeout(() => "closeAllConnections" in server && server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    if ("closeIdleConnections" in server) server.closeIdleConnections();
  });
}
