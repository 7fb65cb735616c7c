import { createHash, timingSafeEqual } from "node:crypto";
import { modelAdmin, protoFolder } from "@carousel/protos";
import { Server, ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import type { ModelAdmin } from "../../deployment/model-admin.js";
import { CarouselError } from "../../errors.js";
import type { Metrics } from "../../observability/metrics.js";
import { ApiKeys } from "../api-keys.js";
import { connectionOptions } from "./connections.js";
import { modelAdminService } from "./model-admin.js";
import { bind, type GrpcServer, shutdown } from "./server.js";
import { toStatus } from "./status.js";

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

export interface AdminServerOptions {
  readonly host: string;
  readonly port: number;
  /** What callers must show; nothing when absent, and then the host must be a loopback address. */
  readonly token?: string;
}

/** The port on which what is served can be changed. @throws CarouselError FAILED_PRECONDITION when it cannot be had, or would be open to all */
export async function startAdmin(
  { admin, metrics }: { admin: ModelAdmin; metrics: Metrics },
  { host, port, token }: AdminServerOptions,
): Promise<Pick<GrpcServer, "port" | "close">> {
  if (token === undefined && !LOOPBACK.has(host)) {
    throw new CarouselError("FAILED_PRECONDITION", `an admin port on ${host} needs a token: set adminToken`);
  }
  const interceptors = token === undefined ? [] : [withToken(token)];
  const server = new Server({ ...connectionOptions(), interceptors });
  server.addService(
    modelAdmin.ModelAdminServiceService,
    modelAdminService(admin, { apiKeys: ApiKeys.open(), metrics }),
  );
  const proto = loadSync("carousel/v1/model_admin.proto", { includeDirs: [protoFolder], keepCase: true });
  new ReflectionService(proto).addToServer(server);
  return { port: await bind(server, `${host}:${port}`), close: (graceMs) => shutdown(server, graceMs) };
}

/** Lets calls through that show the token. */
function withToken(token: string): ServerInterceptor {
  return (_, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            if (isEqual(String(metadata.get("authorization")[0] ?? ""), `Bearer ${token}`)) return pass(metadata);
            const refusal = new CarouselError("UNAUTHENTICATED", "the token of the admin port is missing or wrong");
            call.sendStatus(toStatus(refusal));
          },
        }),
    });
}

/** In a time that says nothing of where they differ. */
function isEqual(a: string, b: string): boolean {
  const [x, y] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(x!, y!);
}
