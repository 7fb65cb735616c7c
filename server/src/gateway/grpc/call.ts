import { randomUUID } from "node:crypto";
import type { handleUnaryCall, ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import type { Services } from "../services.js";
import { toServiceError, toStatus } from "./status.js";

/** A call without a deadline of its own gets this one, milliseconds. */
const DEFAULT_DEADLINE = 60_000;

/** What a handler knows of its call. */
export interface CallContext {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
  readonly requestId: string;
}

interface AnyCall {
  getDeadline(): number | Date;
  readonly metadata: { get(key: string): (string | Buffer)[] };
  on(event: "cancelled", listener: () => void): unknown;
}

export function contextOf(call: AnyCall): CallContext {
  const controller = new AbortController();
  call.on("cancelled", () => controller.abort());
  const given = Number(call.getDeadline());
  const deadline = Number.isFinite(given) ? given : Date.now() + DEFAULT_DEADLINE;
  const requestId = String(call.metadata.get("x-request-id")[0] ?? randomUUID());
  return { deadline, signal: controller.signal, requestId };
}

/** A unary handler from a function that resolves or throws. */
export function unary<Request, Response>(
  { metrics }: Pick<Services, "metrics">,
  method: string,
  handle: (request: Request, context: CallContext) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call: ServerUnaryCall<Request, Response>, callback) => {
    const context = contextOf(call as unknown as AnyCall);
    const done = metrics.request("grpc", method, context.requestId);
    handle(call.request, context).then(
      (response) => {
        done();
        callback(null, response);
      },
      (error) => {
        done(error);
        callback(toServiceError(error));
      },
    );
  };
}

/** A handler that writes a stream, waiting while the reader is slow. */
export function serverStream<Request, Response>(
  { metrics }: Pick<Services, "metrics">,
  method: string,
  handle: (request: Request, context: CallContext, write: (r: Response) => Promise<void>) => Promise<void>,
) {
  return (call: ServerWritableStream<Request, Response>) => {
    const context = contextOf(call as unknown as AnyCall);
    const done = metrics.request("grpc", method, context.requestId);
    const write = async (response: Response) => {
      if (call.write(response) || context.signal.aborted) return;
      await new Promise<void>((resolve) => {
        call.once("drain", resolve);
        context.signal.addEventListener("abort", () => resolve(), { once: true });
      });
    };
    handle(call.request, context, write).then(
      () => {
        done();
        call.end();
      },
      (error) => {
        done(error);
        call.emit("error", toStatus(error));
      },
    );
  };
}
