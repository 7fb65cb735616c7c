/** Names of what Carousel keeps in Redis. The hash tag puts what one script touches into one slot of a cluster. */
export const KEYS = {
  /** BullMQ's own keys are `{carousel}:LINE:…`. */
  prefix: "{carousel}",
  /** Set of the lines that there are (line.ts). */
  lines: "{carousel}:lines",
  /** Stream of a gateway's replies; of its own slot, so that they spread over a cluster. */
  replies: (gateway: string) => `carousel:replies:${gateway}`,
  /** Channel: the id of a segment nobody waits for any more. */
  cancelled: "carousel:cancelled",
  /** Sorted set of worker ids by the time (ms) until which they count as alive. */
  workers: "{carousel}:workers",
  /** Hash of what each worker says of itself. */
  workerStates: "{carousel}:worker-states",
  /** The filter of words that a version knows; of its own slot, because it is large. */
  words: (version: string) => `carousel:words:${version}`,
  /** What was decided about models, JSON. */
  deployments: "{carousel}:deployments",
  /** Sorted set of gateway ids by the time (ms) until which they count as alive. */
  gateways: "{carousel}:gateways",
  /** Hash of what each gateway waits for. */
  loads: "{carousel}:loads",
  /** Hash of the times a segment was begun alone and not ended, by id. */
  strikes: "{carousel}:strikes",
  /** Stream of segments that killed workers. */
  quarantine: "{carousel}:quarantine",
} as const;
