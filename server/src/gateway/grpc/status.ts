import { type Any, BadRequest, ErrorInfo, RetryInfo, Status } from "@carousel/protos";
import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { CarouselError, ERROR_TABLE } from "../../errors.js";

const DOMAIN = "carousel";

/** An error as gRPC sends it: code and message, and google.rpc details in the trailer grpc-status-details-bin. */
export function toStatus(error: unknown): Pick<StatusObject, "code" | "details" | "metadata"> {
  const known = error instanceof CarouselError ? error : new CarouselError("INTERNAL", messageOf(error));
  const code = ERROR_TABLE[known.code].grpc;
  const metadata = new Metadata();
  const details = detailsOf(known);
  if (details.length > 0) {
    const status = Status.encode({ code, message: known.message, details }).finish();
    metadata.set("grpc-status-details-bin", Buffer.from(status));
  }
  return { code, details: known.message, metadata };
}

function detailsOf({ details }: CarouselError): Any[] {
  const { violations, retryAfterMs, reason } = details;
  return [
    ...(violations
      ? [any("BadRequest", BadRequest.encode({ fieldViolations: violations.map((v) => ({ ...v })) }).finish())]
      : []),
    ...(retryAfterMs === undefined
      ? []
      : [
          any(
            "RetryInfo",
            RetryInfo.encode({
              retryDelay: { seconds: Math.floor(retryAfterMs / 1000), nanos: (retryAfterMs % 1000) * 1_000_000 },
            }).finish(),
          ),
        ]),
    ...(reason ? [any("ErrorInfo", ErrorInfo.encode({ reason, domain: DOMAIN, metadata: {} }).finish())] : []),
  ];
}

function any(type: string, value: Uint8Array): Any {
  return { typeUrl: `type.googleapis.com/google.rpc.${type}`, value: Buffer.from(value) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
