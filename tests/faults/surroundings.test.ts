import { describe } from "vitest";
import { redisEmptied, redisFull, redisGone, redisRestart } from "./redis-faults.js";
import { inflicts } from "./short-trials.js";
import { diskFull, fileLimit, permission } from "./store-faults.js";

describe("nothing that was accepted is lost when Redis or the disk fails", () => {
  inflicts([redisRestart, redisGone, redisEmptied, redisFull, diskFull, fileLimit, permission]);
});
