import { readFile } from "node:fs/promises";
import { type Context, Hono } from "hono";
import type { CallContext } from "../call-context.js";
import type { Services } from "../services.js";
import { checkPairs, checkPrefixes, checkText, checkTexts, samplingOptions, searchOptions } from "../validate.js";
import { batchRoutes } from "./batches.js";
import { jsonOf } from "./bodies.js";
import { type Caller, known } from "./caller.js";
import { generateBody, glossaryBody, type languages, scoreBody, translateBody } from "./schemas.js";

const DEADLINE_MS = 60_000;
const page = new URL("../../../../web/index.html", import.meta.url);

/** The page, JSON for it and for scripts. */
export function gatewayApp(services: Services): Hono<Caller> {
  const app = new Hono<Caller>();
  app.get("/", async (c) => c.html(await readFile(page, "utf8")));
  // as a metric has it, for autoscalers, which have no key
  app.get("/v1/queue", async (c) => c.json({ depth: await services.queueDepth() }));
  app.use("/v1/*", known(services, app));
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
