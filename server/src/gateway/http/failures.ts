import type { Context } from "hono";
import { CarouselError, ERROR_TABLE } from "../../errors.js";
import { NotAsSchema } from "./checked.js";

/** What went wrong, as JSON. */
export function failure(error: Error, c: Context): Response {
  const known = error instanceof CarouselError ? error : new CarouselError("INTERNAL", error.message);
  const { code, details } = known;
  const { retryAfterMs, violations = [] } = details;
  if (retryAfterMs !== undefined) c.header("retry-after", `${Math.ceil(retryAfterMs / 1000)}`);
  const nameOf = known instanceof NotAsSchema ? (field: string) => field : httpName;
  const renamed = violations.map(({ field, description }) => ({ field: nameOf(field), description }));
  const message = violations.reduce((said, { field }) => said.replace(field, nameOf(field)), known.message);
  const written = { ...details, ...(violations.length > 0 ? { violations: renamed } : {}) };
  return c.json({ error: { code, message, ...written } }, ERROR_TABLE[code].http as 500);
}

/** Fields that HTTP has elsewhere: the one in the query, the other in a header. */
const ELSEWHERE: Readonly<Record<string, string>> = { "webhook.url": "webhook", "webhook.secret": "x-webhook-secret" };

/** A field as JSON and queries have it: beamSize of options.beam_size. */
function httpName(field: string): string {
  const name = ELSEWHERE[field] ?? field;
  return name.replace(/^options\./, "").replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export function notFound(c: Context): Response {
  return c.json({ error: { code: "NOT_FOUND", message: `there is nothing at ${c.req.path}` } }, 404);
}

export function methodRefused(c: Context, methods: readonly string[]): Response {
  const allow = methods.join(", ");
  const message = `there is no ${c.req.method} at ${c.req.path}; allowed are ${allow}`;
  return c.json({ error: { code: "NOT_FOUND", message } }, 405, { allow });
}
