import type { Fault } from "./fault.js";
import { gatewayKill, rollingRestart, workerKill, workerStop } from "./process-faults.js";
import { redisEmptied, redisFull, redisGone, redisRestart } from "./redis-faults.js";
import { diskFull, fileLimit, permission } from "./store-faults.js";

/** What is inflicted on a fleet under load. */
export const FAULTS: readonly Fault[] = [
  workerKill,
  gatewayKill,
  workerStop,
  redisRestart,
  redisGone,
  redisEmptied,
  redisFull,
  diskFull,
  fileLimit,
  permission,
  rollingRestart,
];
