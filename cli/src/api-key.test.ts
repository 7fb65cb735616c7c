import { model } from "@carousel/protos";
import { credentials, Server, ServerCredentials } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { clientOptions } from "./api-key.js";

it("goes with every call, when there is one", async () => {
  const server = new Server();
  const seen: unknown[] = [];
  server.addService(model.ModelServiceService, {
    listModels: ((call, done) => {
      seen.push(call.metadata.get("x-api-key")[0]);
      done(null, { models: [] });
    }) satisfies model.ModelServiceServer["listModels"],
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, n) =>
      error ? reject(error) : resolve(n),
    );
  });
  for (const environment of [{ CAROUSEL_API_KEY: "open sesame" }, {}]) {
    const options = clientOptions(environment);
    const client = new model.ModelServiceClient(`127.0.0.1:${port}`, credentials.createInsecure(), options);
    await new Promise((resolve) => client.listModels({}, resolve));
    client.close();
  }
  server.forceShutdown();
  expect(seen).toEqual(["open sesame", undefined]);
});
