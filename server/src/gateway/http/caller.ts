import { randomUUID } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { CarouselError } from "../../errors.js";
import type { Share } from "../../queue/share.js";
import { apiKeyOf } from "../api-keys.js";
import type { Services } from "../services.js";

/** What is known of a request before it is handled. */
export interface Caller {
  Variables: { requestId: string; share: Share };
}

const METHODS = ["translate", "score", "generate", "models", "glossaries", "batches"];

/** Every request is counted, and refused without a key that is known. */
export function known({ apiKeys, metrics }: Pick<Services, "apiKeys" | "metrics">): MiddlewareHandler<Caller> {
  return async (c, next) => {
    const requestId = c.req.header("x-request-id") ?? randomUUID();
    const request = { protocol: "http", method: methodOf(c), requestId } as const;
    try {
      c.set("share", apiKeys.shareOf(apiKeyOf((name) => c.req.header(name))));
    } catch (error) {
      metrics.request(request)(error);
      throw error;
    }
    c.set("requestId", requestId);
    const done = metrics.request({ ...request, client: c.get("share").name });
    await next();
    done(c.error ?? (c.res.status === 404 ? new CarouselError("NOT_FOUND", c.req.path) : undefined));
  };
}

function methodOf(c: Context): string {
  const [, , method = ""] = c.req.path.split("/");
  return METHODS.includes(method) ? method : "unknown";
}
