import { describe } from "vitest";
import { redisEmptied, redisGone, redisRestart } from "./redis-faults.js";
import { inflicts } from "./short-trials.js";
import { diskFull, fileLimit, permission } from "./store-faults.js";

describe("nothing that was accepted is lost when Redis or the disk fails", () => {
  inflicts([redisRestart, redisGone, redisEmptied, diskFull, fileLimit, permission]);
});
