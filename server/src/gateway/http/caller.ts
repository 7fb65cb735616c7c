import { randomUUID } from "node:crypto";
import type { Context, Hono, MiddlewareHandler } from "hono";
import { CarouselError } from "../../errors.js";
import type { Share } from "../../queue/share.js";
import { apiKeyOf } from "../api-keys.js";
import type { Services } from "../services.js";

/** What is known of a request before it is handled. */
export interface Caller {
  Variables: { requestId: string; share: Share };
}

/** Every request is counted by what of the app's routes it asks for, and refused without a key that is known. */
export function known(
  { apiKeys, metrics }: Pick<Services, "apiKeys" | "metrics">,
  app: Hono<Caller>,
): MiddlewareHandler<Caller> {
  return async (c, next) => {
    const requestId = c.req.header("x-request-id") ?? randomUUID();
    const request = { protocol: "http", method: methodOf(c, app), requestId } as const;
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

/** What stands behind /v1 in a path, where a route has it: what callers make up is one method. */
function methodOf(c: Context, { routes }: Hono<Caller>): string {
  const [, , method = ""] = c.req.path.split("/");
  return routes.some(({ path }) => path.split("/")[2] === method) ? method : "unknown";
}
