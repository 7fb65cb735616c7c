import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { z } from "zod";
import { CarouselError } from "../../errors.js";
import { checked } from "./checked.js";

/** Bytes: what the limits of texts and prefixes allow, had every character an escape of its own. */
const LARGEST_JSON = 32 * 2 ** 20;
/** A body of which nothing has come for so long is given up. */
const STALLED_MS = 300_000;

/** The body as it comes. */
export async function* piecesOf(c: Context): AsyncGenerator<Uint8Array> {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  incoming?.setTimeout(STALLED_MS);
  try {
    const { body } = c.req.raw;
    if (body) yield* body as unknown as AsyncIterable<Uint8Array>;
  } finally {
    incoming?.setTimeout(0);
  }
}

/** @throws CarouselError INVALID_ARGUMENT when the body is too large, is no JSON, or not what the schema says */
export async function jsonOf<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of piecesOf(c)) {
    size += piece.length;
    if (size > LARGEST_JSON) {
      throw new CarouselError("INVALID_ARGUMENT", `the body is larger than ${LARGEST_JSON / 2 ** 20} MiB`);
    }
    pieces.push(piece);
  }
  return checked(schema, parsed(Buffer.concat(pieces)));
}

function parsed(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw new CarouselError("INVALID_ARGUMENT", "the body is empty; it must be JSON, in UTF-8");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const { message } = error as Error;
    throw new CarouselError("INVALID_ARGUMENT", `the body must be JSON, in UTF-8: ${message}`);
  }
}
