/** What can go wrong, in the words of google.rpc.Code; one table maps a code to gRPC and HTTP. */
export type ErrorCode =
  | "INVALID_ARGUMENT"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "FAILED_PRECONDITION"
  | "RESOURCE_EXHAUSTED"
  | "DEADLINE_EXCEEDED"
  | "CANCELLED"
  | "UNAUTHENTICATED"
  | "UNAVAILABLE"
  | "INTERNAL";

export const ERROR_TABLE: Readonly<Record<ErrorCode, { grpc: number; http: number }>> = {
  INVALID_ARGUMENT: { grpc: 3, http: 400 },
  NOT_FOUND: { grpc: 5, http: 404 },
  ALREADY_EXISTS: { grpc: 6, http: 409 },
  FAILED_PRECONDITION: { grpc: 9, http: 412 },
  RESOURCE_EXHAUSTED: { grpc: 8, http: 429 },
  DEADLINE_EXCEEDED: { grpc: 4, http: 504 },
  CANCELLED: { grpc: 1, http: 499 },
  UNAUTHENTICATED: { grpc: 16, http: 401 },
  UNAVAILABLE: { grpc: 14, http: 503 },
  INTERNAL: { grpc: 13, http: 500 },
};

export interface ErrorDetails {
  /** The offending request fields and what each allows (google.rpc.BadRequest). */
  readonly violations?: readonly { field: string; description: string }[];
  /** When a retry may succeed (google.rpc.RetryInfo). */
  readonly retryAfterMs?: number;
  /** A constant a program can branch on, UPPER_SNAKE (google.rpc.ErrorInfo). */
  readonly reason?: string;
}

/** The one error type of the server; it crosses the queue as `{ code, message, details }`. */
export class CarouselError extends Error {
  override readonly name = "CarouselError";
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message);
  }

  /** Of what went wrong with a segment. */
  static of({ code, message, details }: Pick<CarouselError, "code" | "message"> & { details?: ErrorDetails }) {
    return new CarouselError(code, message, details);
  }
}

/** Refuses a request for one of its fields. @throws CarouselError INVALID_ARGUMENT naming the field and what is allowed */
export function invalid(field: string, description: string): never {
  throw new CarouselError("INVALID_ARGUMENT", `${field} ${description}`, { violations: [{ field, description }] });
}

/** The error again, its field called as the request calls it: "target" may be its "pairs[3].target". @throws always */
export function inField(error: unknown, names: Readonly<Record<string, string>>): never {
  const violation = error instanceof CarouselError ? error.details.violations?.[0] : undefined;
  const name = violation && names[violation.field];
  if (name) invalid(name, violation.description);
  throw error;
}
