import { expect, test } from "vitest";
import { CarouselError } from "../../errors.js";
import { ApiKeys } from "../api-keys.js";
import type { Services } from "../services.js";
import { gatewayApp } from "./server.js";

test("of a call that fails nothing is waited for any more", async () => {
  let signal: AbortSignal | undefined;
  const services = {
    translator: {
      translate: async (call: { signal: AbortSignal }) => {
        ({ signal } = call);
        throw new CarouselError("RESOURCE_EXHAUSTED", "the queue is full");
      },
    },
    glossaries: { termsOf: async () => [] },
    apiKeys: ApiKeys.open(),
    metrics: { request: () => () => {} },
  } as unknown as Services;
  const body = JSON.stringify({ model: "m", texts: ["a"] });
  const app = gatewayApp(services).onError((error, c) => c.text(error.message, 500));
  const response = await app.request("/v1/translate", { method: "POST", body });
  expect(await response.text()).toBe("the queue is full");
  expect(signal?.aborted).toBe(true);
});
