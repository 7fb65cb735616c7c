import { describe } from "vitest";
import { gatewayKill, rollingRestart, workerKill, workerStop } from "./process-faults.js";
import { inflicts } from "./short-trials.js";

describe("nothing that was accepted is lost when processes end", () => {
  inflicts([workerKill, gatewayKill, workerStop, rollingRestart]);
});
