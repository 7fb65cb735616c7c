import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { stream } from "hono/streaming";
import { z } from "zod";
import { CarouselError } from "../../errors.js";
import { BATCH_FORMATS, type BatchFormat } from "../../jobs/formats/index.js";
import { DOCUMENT_FORMS } from "../../jobs/formats/unit.js";
import { BATCH_STATES, type BatchJob } from "../../jobs/job.js";
import { newBatch } from "../batch-request.js";
import type { Services } from "../services.js";
import { piecesOf } from "./bodies.js";
import type { Caller } from "./caller.js";
import { checked } from "./checked.js";

const FORMATS = Object.keys(BATCH_FORMATS) as [BatchFormat, ...BatchFormat[]];
const LARGEST_PAGE = 1000;
const form = z.enum(DOCUMENT_FORMS).default("same");

const submitQuery = z.strictObject({
  model: z.string().optional(),
  sourceLanguage: z.string().default(""),
  targetLanguage: z.string().default(""),
  format: z.enum(FORMATS).default("lines"),
  beamSize: z.coerce.number().optional(),
  maxLength: z.coerce.number().optional(),
  key: z.string().optional(),
  retentionSeconds: z.coerce.number().optional(),
  webhook: z.string().optional(),
  inputUri: z.string().optional(),
  outputUri: z.string().optional(),
  outputForm: form,
});

const listQuery = z.strictObject({
  pageSize: z.coerce.number().int().min(1).max(LARGEST_PAGE).default(100),
  pageToken: z.string().default(""),
  state: z.preprocess(
    (states) => (typeof states === "string" ? states.split(",") : states),
    z.array(z.enum(BATCH_STATES)).default([]),
  ),
  model: z.string().optional(),
});

const resultsQuery = z.strictObject({ fromLine: z.coerce.number().int().min(0).default(0) });
const documentQuery = z.strictObject({ form });

/** Batch jobs over HTTP: a document is the body of a POST, what is asked of it is in the query. */
export function batchRoutes(services: Services): Hono<Caller> {
  const { jobs } = services;
  const app = new Hono<Caller>();
  app.post("/", async (c) => {
    const { beamSize, maxLength, webhook: url, inputUri, ...query } = checked(submitQuery, c.req.query());
    const { model, sourceLanguage, targetLanguage, ...rest } = query;
    const webhook = url === undefined ? undefined : { url, secret: c.req.header("x-webhook-secret") ?? "" };
    const batch = await newBatch(services, {
      ...rest,
      share: c.get("share"),
      query: model ? { model } : { sourceLanguage, targetLanguage },
      options: { beamSize, maxLength },
      webhook,
      signal: c.req.raw.signal,
      input: inputUri ? { uri: inputUri } : { bytes: bodyOf(c) },
    });
    return c.json(await jobs.create(batch), 201);
  });
  app.get("/", async (c) => {
    const { pageSize: size, pageToken: token, state: states, model } = checked(listQuery, c.req.query());
    const { jobs: batches, nextToken } = await jobs.list({ size, token, states, model });
    return c.json({ batches, nextPageToken: nextToken });
  });
  app.get("/:id", async (c) => c.json(await jobs.get(c.req.param("id"))));
  app.delete("/:id", async (c) => {
    await jobs.delete(c.req.param("id"));
    return c.body(null, 204);
  });
  const changes: Record<string, (id: string) => Promise<BatchJob>> = {
    cancel: (id) => jobs.cancel(id),
    pause: (id) => jobs.pause(id),
    resume: (id) => jobs.unpause(id),
    retry: (id) => jobs.retry(id),
  };
  for (const [name, change] of Object.entries(changes)) {
    app.post(`/:id/${name}`, async (c) => c.json(await change(c.req.param("id"))));
  }
  app.get("/:id/watch", (c) => sent(c, JSON_LINES, jsonLines(jobs.watch(c.req.param("id"), c.req.raw.signal))));
  app.get("/:id/results", (c) => {
    const { fromLine } = checked(resultsQuery, c.req.query());
    return sent(c, JSON_LINES, jsonLines(jobs.results(c.req.param("id"), fromLine)));
  });
  app.get("/:id/document", (c) => {
    const { form } = checked(documentQuery, c.req.query());
    return sent(c, "text/plain; charset=utf-8", jobs.document(c.req.param("id"), form));
  });
  return app;
}

const JSON_LINES = "application/x-ndjson; charset=utf-8";

async function* bodyOf(c: Context): AsyncGenerator<Uint8Array> {
  yield* piecesOf(c);
  // a body that its caller has broken off may end as one that is whole
  const { incoming } = c.env as HttpBindings;
  if (!incoming.complete) throw new CarouselError("CANCELLED", "the upload was broken off: no job was made");
}

async function* jsonLines(values: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`;
}

/**
 * Text as it comes, while somebody reads it. An error before the first piece is an answer of its own; a later one breaks the
 * connection, so that nobody takes a part for the whole.
 */
async function sent(c: Context, type: string, pieces: AsyncIterable<string>): Promise<Response> {
  const reading = pieces[Symbol.asyncIterator]();
  let next = await reading.next();
  c.header("content-type", type);
  return stream(c, async (out) => {
    try {
      for (; !next.done && !out.aborted; next = await reading.next()) await out.write(next.value);
      await reading.return?.();
    } catch {
      (c.env as HttpBindings).outgoing.destroy();
    }
  });
}
