import { JobLines } from "./bullmq.js";
import { Quarantine, type QuarantinedSegment } from "./quarantine.js";
import { connected, promptConnection } from "./redis.js";
import { Roster } from "./roster.js";

export interface QueueView {
  /** Jobs that no worker holds; a job has 1 to 32 segments. */
  readonly waitingJobs: number;
  readonly workers: number;
  readonly gateways: number;
  /** Segments in quarantine, and the newest of them. */
  readonly quarantined: number;
  readonly quarantine: readonly QuarantinedSegment[];
}

/** Looks into the queue from outside. @throws CarouselError UNAVAILABLE when Redis cannot be reached */
export async function inspectQueue(options: { redisUrl: string; most: number }): Promise<QueueView> {
  const redis = promptConnection(options.redisUrl);
  const queue = new JobLines(redis);
  const [quarantine, roster] = [new Quarantine(redis), new Roster(redis)];
  try {
    await connected(redis, 5000);
    return {
      waitingJobs: await queue.waiting(),
      ...(await roster.count()),
      quarantined: await quarantine.size(),
      quarantine: await quarantine.list(options.most),
    };
  } finally {
    await queue.close().catch(() => {});
    redis.disconnect();
  }
}
