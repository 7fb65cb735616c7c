import { once } from "node:events";
import { connect } from "node:net";
import { Server } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { connectionOptions } from "./connections.js";
import { bind } from "./server.js";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const EMPTY_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

it("a connection is closed when its caller does not answer", async () => {
  const server = new Server(connectionOptions({ everyMs: 50, answerMs: 50 }));
  const socket = connect(await bind(server, "127.0.0.1:0"), "127.0.0.1");
  socket.on("error", () => {}); // a reset closes it too
  try {
    socket.write(PREFACE);
    socket.write(EMPTY_SETTINGS);
    await once(socket.resume(), "close");
    expect(socket.closed).toBe(true);
  } finally {
    socket.destroy();
    server.forceShutdown();
  }
});
