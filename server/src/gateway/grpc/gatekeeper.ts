import { randomUUID } from "node:crypto";
import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { apiKeyOf } from "../api-keys.js";
import type { Services } from "../services.js";
import { toStatus } from "./status.js";

/** Health checks and reflection are for everybody. */
const GUARDED = "/carousel.";

/** Refuses calls without a key that is known before a handler sees them. */
export function gatekeeper({ apiKeys, metrics }: Services): ServerInterceptor {
  return ({ path }, call) => {
    if (!path.startsWith(GUARDED)) return new ServerInterceptingCall(call);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata(metadata, deliver) {
            try {
              apiKeys.shareOf(apiKeyIn(metadata));
              deliver(metadata);
            } catch (error) {
              const method = path.slice(path.lastIndexOf("/") + 1);
              metrics.request({ protocol: "grpc", method, requestId: randomUUID() })(error);
              call.sendStatus(toStatus(error));
            }
          },
        }),
    });
  };
}

export function apiKeyIn(metadata: Pick<Metadata, "get">): string | undefined {
  return apiKeyOf((name) => metadata.get(name)[0]?.toString());
}
