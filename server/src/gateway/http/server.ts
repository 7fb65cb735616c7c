import { type ServerType, serve } from "@hono/node-server";
import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { CarouselError } from "../../errors.js";
import type { Services } from "../services.js";
import type { Caller } from "./caller.js";
import { failure, methodRefused, notFound } from "./failures.js";

/** A document may be long on its way: Node gives up a request that has not all come in five minutes. */
const LONGEST_UPLOAD_MS = 24 * 60 * 60_000;
/** Longer than proxies keep a connection (a minute), or they would send a request on one that is just being closed: Node's 5 s. */
const KEEP_ALIVE_MS = 75_000;

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
