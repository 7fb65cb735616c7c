import { connect } from "node:net";
import { translation } from "@carousel/protos";
import { type ServiceError, status } from "@grpc/grpc-js";
import { ask, type Client } from "./client.js";
import { TINY } from "./corpus.js";
import type { Fleet } from "./fleet.js";
import type { Code } from "./history.js";

const { TranslateRequest } = translation;
const { model } = TINY;

interface Invalid {
  readonly what: string;
  /** How it must be refused. */
  readonly expected: Code | number | "closed";
  send(to: { client: Client; fleet: Fleet }): Promise<Code | number | "closed">;
}

/** What callers get wrong, and how each must be refused. */
export const INVALID_REQUESTS: readonly Invalid[] = [
  translate("a model that is not there", "NOT_FOUND", TranslateRequest.fromPartial({ model: "nowhere", texts: ["a"] })),
  translate("no text", "INVALID_ARGUMENT", TranslateRequest.fromPartial({ model })),
  translate("a long text", "INVALID_ARGUMENT", TranslateRequest.fromPartial({ model, texts: ["a".repeat(10_001)] })),
  translate(
    "a beam too wide",
    "INVALID_ARGUMENT",
    TranslateRequest.fromPartial({ model, texts: ["a"], options: { beamSize: 99 } }),
  ),
  {
    what: "a job that is not there",
    expected: "NOT_FOUND",
    send: ({ client }) => codeOf(ask((done) => client.batch.getBatch({ id: "nothing" }, done))),
  },
  {
    what: "a body that is not JSON",
    expected: 400,
    async send({ fleet }) {
      const { httpPort } = fleet.gateways[0]!.ports;
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`http://127.0.0.1:${httpPort}/v1/translate`, { method: "POST", body: "{", headers });
      await answer.text();
      return answer.status;
    },
  },
  {
    what: "bytes that are not HTTP/2",
    expected: "closed",
    send: ({ fleet }) => closed(fleet.grpcPorts[0]!),
  },
];

function translate(what: string, expected: Code, message: translation.TranslateRequest): Invalid {
  return {
    what,
    expected,
    send: ({ client }) => codeOf(ask((done) => client.translation.translate(message, done))),
  };
}

function codeOf(call: Promise<unknown>): Promise<Code> {
  return call.then(
    () => "OK",
    (error: ServiceError) => status[error.code] as Code,
  );
}

function closed(port: number): Promise<"closed"> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => void socket.end("GET / HTTP/1.1\r\n\r\n"));
    socket.resume();
    socket.on("error", () => {});
    socket.once("close", () => resolve("closed"));
  });
}
