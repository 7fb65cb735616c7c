import { createEmbeddedQueue } from "./embedded.js";
import { describeQueue } from "./test-support/conformance.js";

describeQueue("embedded", {
  async open(options) {
    const { client, worker } = createEmbeddedQueue(options);
    return { client, workers: [worker] };
  },
});
