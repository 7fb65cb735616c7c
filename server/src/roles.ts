import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { Config } from "./config.js";
import { CarouselError } from "./errors.js";
import { startGrpc } from "./gateway/grpc/server.js";
import { gatewayApp, startHttp } from "./gateway/http/server.js";
import { ModelCatalog } from "./gateway/model-catalog.js";
import type { Services } from "./gateway/services.js";
import { Generator } from "./generation/generator.js";
import { FolderGlossaries } from "./glossaries/folder-glossaries.js";
import { Glossaries } from "./glossaries/glossaries.js";
import type { GlossaryStore } from "./glossaries/glossary.js";
import { BatchJobs } from "./jobs/batch-jobs.js";
import { openBlobStore } from "./jobs/open-blob-store.js";
import { unitsBy } from "./jobs/translate-units.js";
import { Networks } from "./jobs/webhooks/networks.js";
import { createLog } from "./observability/log.js";
import { Metrics } from "./observability/metrics.js";
import type { AdmissionOptions } from "./queue/admission.js";
import type { QueueClient, QueueWorker, SegmentProcessor } from "./queue/port.js";
import { Scorer } from "./translation/scorer.js";
import { Translator } from "./translation/translator.js";

const DAY_MS = 24 * 3600_000;

/** A role that runs. */
export interface Running {
  readonly grpcPort?: number;
  readonly httpPort: number;
  /** Stops taking calls, lets those in flight finish within the configured grace, and releases everything. */
  close(): Promise<void>;
}

/** Gateway, queue and worker in one process; with `redis` set, over Redis all the same. */
export async function startServer(config: Config): Promise<Running> {
  const log = createLog(config.logLevel);
  const engine = await engineOf(config);
  if (config.redis) {
    const { createRedisClient } = await import("./queue/redis-client.js");
    const { createRedisWorker } = await import("./queue/redis-worker.js");
    const queueOptions = { redisUrl: config.redis, log };
    const client = await createRedisClient({ ...queueOptions, ...admissionOf(config) });
    return together(config, { log, client, worker: createRedisWorker(queueOptions), engine });
  }
  const { createEmbeddedQueue } = await import("./queue/embedded.js");
  return together(config, { log, engine, ...createEmbeddedQueue(admissionOf(config)) });
}

async function together(
  config: Config,
  parts: {
    log: Logger;
    client: QueueClient;
    worker: QueueWorker;
    engine: SegmentProcessor & { close(): Promise<void> };
  },
): Promise<Running> {
  const { log, client, worker, engine } = parts;
  await worker.start(engine);
  const gateway = await runGateway(config, { log, client });
  return {
    ...gateway,
    async close() {
      await gateway.close();
      await worker.close(config.graceSeconds * 1000);
      await engine.close();
    },
  };
}

/** The gateway alone: it loads neither ONNX Runtime nor a model. @throws CarouselError when `redis` is not set */
export async function startGateway(config: Config): Promise<Running> {
  const log = createLog(config.logLevel);
  const { createRedisClient } = await import("./queue/redis-client.js");
  const client = await createRedisClient({ redisUrl: redisOf(config), log, ...admissionOf(config) });
  return runGateway(config, { log, client });
}

/** A worker alone; its HTTP port answers probes and metrics. @throws CarouselError when `redis` is not set */
export async function startWorker(config: Config): Promise<Running> {
  const log = createLog(config.logLevel);
  const redisUrl = redisOf(config);
  const engine = await engineOf(config);
  const { createRedisWorker } = await import("./queue/redis-worker.js");
  const worker = createRedisWorker({ redisUrl, log });
  await worker.start(engine);
  let state: "serving" | "draining" = "serving";
  const ready = async () => {
    if (state === "draining") throw new CarouselError("UNAVAILABLE", "the worker is draining");
  };
  const metrics = new Metrics(log);
  const http = await startHttp({ metrics, ready }, { host: config.host, port: config.httpPort });
  log.info({ models: engine.models.map((m) => m.name), httpPort: http.port }, "worker is up");
  return {
    httpPort: http.port,
    async close() {
      state = "draining";
      await worker.close(config.graceSeconds * 1000);
      await engine.close();
      await http.close();
    },
  };
}

async function runGateway(config: Config, { log, client }: { log: Logger; client: QueueClient }): Promise<Running> {
  const metrics = new Metrics(log);
  metrics.gauge("carousel_queue_depth", "Segments (embedded queue) or jobs (Redis) that wait for a worker", () =>
    client.depth(),
  );
  metrics.gauge("carousel_quarantined", "Segments put aside because they killed workers", () => client.quarantined());
  const catalog = new ModelCatalog(client);
  const translator = new Translator(client, catalog);
  const jobs = new BatchJobs(await openBlobStore(config.jobs), unitsBy(translator), {
    retainMs: config.jobsKeptDays * DAY_MS,
    networks: new Networks(config.webhookNetworks),
    onTrouble: (job, problem) => log.warn({ job, problem }, "a batch job is in trouble, and tried again"),
  });
  const glossaries = await glossaryStoreOf(config);
  let state: "serving" | "draining" = "serving";
  const services: Services = {
    translator,
    scorer: new Scorer(client, catalog),
    generator: new Generator(client, catalog),
    catalog,
    glossaries: new Glossaries(glossaries, catalog),
    jobs,
    metrics,
    queueDepth: () => client.depth(),
    async ready() {
      if (state === "draining") throw new CarouselError("UNAVAILABLE", "the gateway is draining");
      await client.ready();
    },
  };
  const { host } = config;
  const grpc = await startGrpc(services, { host, port: config.grpcPort });
  const http = await startHttp(services, { host, port: config.httpPort, app: gatewayApp(services) });
  await jobs.resume();
  log.info({ grpcPort: grpc.port, httpPort: http.port, instance: randomUUID() }, "gateway is up");
  return {
    grpcPort: grpc.port,
    httpPort: http.port,
    async close() {
      state = "draining";
      grpc.stopAdmission();
      await jobs.close();
      await grpc.close(config.graceSeconds * 1000);
      await http.close();
      await glossaries.close();
      await client.close();
    },
  };
}

/** In Redis, where all gateways see them, if there is one. */
async function glossaryStoreOf({ redis, glossaries }: Config): Promise<GlossaryStore> {
  if (!redis) return new FolderGlossaries(glossaries);
  const { RedisGlossaries } = await import("./glossaries/redis-glossaries.js");
  return new RedisGlossaries(redis);
}

/** Loaded only where a model is served. */
async function engineOf(config: Config): Promise<SegmentProcessor & { close(): Promise<void> }> {
  const { createEngine } = await import("./worker/create-engine.js");
  const { device, engineThreads, intraOpThreads } = config;
  return createEngine({
    modelsFolder: config.models,
    ...(engineThreads ? { threads: engineThreads } : {}),
    device,
    ...(intraOpThreads ? { intraOpThreads } : {}),
  });
}

function admissionOf({ maxQueued, maxWaitSeconds }: Config): AdmissionOptions {
  return { maxQueued, maxWaitMs: 1000 * maxWaitSeconds };
}

function redisOf({ redis }: Config): string {
  if (redis) return redis;
  throw new CarouselError("INVALID_ARGUMENT", "this role needs Redis: give --redis URL or set REDIS_URL");
}
