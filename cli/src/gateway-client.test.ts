import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { glossary } from "@carousel/protos";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { afterEach, expect, it } from "vitest";
import { gatewayClient } from "./gateway-client.js";

const run = promisify(execFile);
const main = fileURLToPath(new URL("../bin/carousel.mjs", import.meta.url));

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A gateway that has no glossaries, and tells the API keys that it is shown. */
async function start(credentials: ServerCredentials) {
  const server = new Server();
  ends.push(() => server.forceShutdown());
  const keys: unknown[] = [];
  server.addService(glossary.GlossaryServiceService, {
    listGlossaries: ((call, done) => {
      keys.push(call.metadata.get("x-api-key")[0]);
      done(null, { glossaries: [] });
    }) satisfies glossary.GlossaryServiceServer["listGlossaries"],
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("localhost:0", credentials, (error, n) => (error ? reject(error) : resolve(n)));
  });
  return { keys, port };
}

it("sends the API key with every call, when there is one", async () => {
  const { keys, port } = await start(ServerCredentials.createInsecure());
  for (const environment of [{ CAROUSEL_API_KEY: "open sesame" }, {}]) {
    const client = gatewayClient(glossary.GlossaryServiceClient, `localhost:${port}`, environment);
    await new Promise((resolve) => client.listGlossaries({}, resolve));
    client.close();
  }
  expect(keys).toEqual(["open sesame", undefined]);
});

it("reaches a gateway behind TLS, with a certificate that is trusted", async () => {
  const folder = await mkdtemp(join(tmpdir(), "carousel-tls-"));
  ends.push(() => rm(folder, { recursive: true }));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, ...name]);
  const pair = { private_key: await readFile(key), cert_chain: await readFile(cert) };
  const { keys, port } = await start(ServerCredentials.createSsl(null, [pair]));
  // gRPC's own list of authorities, where there is one, takes the place of Node's
  const none = { NODE_EXTRA_CA_CERTS: "", GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: "" };
  const list = (environment: NodeJS.ProcessEnv) =>
    run(process.execPath, [main, "glossary", "list", "--address", `https://localhost:${port}`], {
      env: { ...process.env, CAROUSEL_API_KEY: "open sesame", ...none, ...environment },
    });
  expect(await list({ NODE_EXTRA_CA_CERTS: cert })).toEqual({ stdout: "", stderr: "" });
  expect(keys).toEqual(["open sesame"]);
  await expect(list({})).rejects.toThrow("no server can be reached: self-signed certificate");
});
