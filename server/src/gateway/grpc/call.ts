import { randomUUID } from "node:crypto";
import type { handleUnaryCall, Metadata, ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import type { CallContext } from "../call-context.js";
import type { Services } from "../services.js";
import { apiKeyIn } from "./gatekeeper.js";
import { toStatus } from "./status.js";

/** A call without a deadline of its own gets this one, milliseconds. */
const DEFAULT_DEADLINE = 60_000;

interface AnyCall {
  getDeadline(): number | Date;
  readonly metadata: Pick<Metadata, "get">;
  on(event: "cancelled", listener: () => void): unknown;
}

/** Begins a call that was let in: what its handler knows of it, and what ends it, with the error if there was one. */
export function begin(
  { apiKeys, metrics }: Pick<Services, "apiKeys" | "metrics">,
  { method, call: given }: { method: string; call: object },
): { context: CallContext; done: (error?: unknown) => void } {
  const call = given as AnyCall;
  const controller = new AbortController();
  // "cancelled" comes after the end of every call
  let ended = false;
  call.on("cancelled", () => ended || controller.abort());
  const wanted = Number(call.getDeadline());
  const deadline = Number.isFinite(wanted) ? wanted : Date.now() + DEFAULT_DEADLINE;
  const requestId = String(call.metadata.get("x-request-id")[0] ?? randomUUID());
  const share = apiKeys.shareOf(apiKeyIn(call.metadata));
  const count = metrics.request({ protocol: "grpc", method, requestId, client: share.name });
  const done = (error?: unknown) => {
    ended = true;
    count(error);
    if (error !== undefined) controller.abort(error); // what else it waits for
  };
  return { context: { deadline, signal: controller.signal, requestId, share }, done };
}

/** A unary handler from a function that resolves or throws. */
export function unary<Request, Response>(
  services: Pick<Services, "apiKeys" | "metrics">,
  method: string,
  handle: (request: Request, context: CallContext) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call: ServerUnaryCall<Request, Response>, callback) => {
    const { context, done } = begin(services, { method, call });
    handle(call.request, context).then(
      (response) => {
        done();
        callback(null, response);
      },
      (error) => {
        done(error);
        callback(toStatus(error));
      },
    );
  };
}

interface WritableCall<Response> {
  write(response: Response): boolean;
  once(event: "drain", listener: () => void): unknown;
  off(event: "drain", listener: () => void): unknown;
}

/** Writes messages, each when the reader is ready for more; when the caller goes away it waits no longer. */
export function writerOf<Response>(
  call: WritableCall<Response>,
  signal: AbortSignal,
): (response: Response) => Promise<void> {
  return async (response) => {
    if (call.write(response) || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const goOn = () => {
        call.off("drain", goOn);
        signal.removeEventListener("abort", goOn);
        resolve();
      };
      call.once("drain", goOn);
      signal.addEventListener("abort", goOn, { once: true });
    });
  };
}

/** A handler that writes a stream, waiting while the reader is slow. */
export function serverStream<Request, Response>(
  services: Pick<Services, "apiKeys" | "metrics">,
  method: string,
  handle: (request: Request, context: CallContext, write: (r: Response) => Promise<void>) => Promise<void>,
) {
  return (call: ServerWritableStream<Request, Response>) => {
    const { context, done } = begin(services, { method, call });
    const write = writerOf<Response>(call, context.signal);
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
