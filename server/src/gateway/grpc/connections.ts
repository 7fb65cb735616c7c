import type { ServerOptions } from "@grpc/grpc-js";

/** The largest message taken, bytes: gRPC's own default, held to on purpose. Longer input goes by batch job or stream. */
const LARGEST_MESSAGE = 4 * 1024 * 1024;

/** A connection is asked so often whether somebody is there, and closed when no answer comes in that time: milliseconds. */
export interface Pings {
  readonly everyMs: number;
  readonly answerMs: number;
}

const PINGS: Pings = { everyMs: 30_000, answerMs: 10_000 };

/**
 * What a server grants a connection. Without pings it would keep two kinds for ever: one whose caller's machine is gone, and
 * one that Node's HTTP/2 has given up because calls on it were cancelled too fast: now and then it stops to read such a
 * connection before it has seen its end.
 */
export function connectionOptions({ everyMs, answerMs }: Pings = PINGS): ServerOptions {
  return {
    "grpc.max_receive_message_length": LARGEST_MESSAGE,
    "grpc.enable_channelz": 0, // books on every call that nobody reads
    "grpc.keepalive_time_ms": everyMs,
    "grpc.keepalive_timeout_ms": answerMs,
  };
}
