import { EventEmitter } from "node:events";
import { translation } from "@carousel/protos";
import { Metadata } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { ApiKeys } from "../api-keys.js";
import type { Services } from "../services.js";
import { translationService } from "./translation.js";

test("a stream whose caller does not read its results is not read either", async () => {
  const settings = translation.TranslateRequest.fromPartial({ model: "m" });
  const services = {
    translator: { translate: async () => ({ model: "m", modelVersion: "1", translations: [{ hypotheses: [] }] }) },
    glossaries: { termsOf: async () => [] },
    apiKeys: ApiKeys.open(),
    metrics: { request: () => () => {} },
  } as unknown as Services;
  let [isPaused, written, ended] = [false, 0, false];
  const call = Object.assign(new EventEmitter(), {
    metadata: new Metadata(),
    getDeadline: () => Number.POSITIVE_INFINITY,
    write: () => ++written < 0, // full from the first result on
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
    },
    end() {
      ended = true;
    },
  });
  translationService(services).translateStream(call as never);
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  let sent = 0;
  const send = async () => {
    for (; !isPaused && sent < 500; sent++) {
      call.emit("data", { settings: sent === 0 ? settings : undefined, text: "", targetPrefix: "" });
      await settled();
    }
  };
  await send();
  expect(written).toBe(1);
  expect(sent).toBe(64);
  while (written < 500) {
    call.emit("drain");
    await settled();
    await send();
  }
  call.emit("end");
  call.emit("drain");
  await settled();
  expect([sent, ended]).toEqual([500, true]);
});
