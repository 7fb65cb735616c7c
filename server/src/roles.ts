import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { CachedQueue } from "./cache/cached-queue.js";
import { MemoryCache } from "./cache/memory-cache.js";
import type { ResultCache } from "./cache/result-cache.js";
import type { Config } from "./config.js";
import type { DeploymentStore } from "./deployment/deployments.js";
import { FolderDeployments } from "./deployment/folder-deployments.js";
import { ModelAdmin } from "./deployment/model-admin.js";
import { CarouselError } from "./errors.js";
import { ApiKeys } from "./gateway/api-keys.js";
import { startAdmin } from "./gateway/grpc/admin-server.js";
import { startGrpc } from "./gateway/grpc/server.js";
import { gatewayApp } from "./gateway/http/app.js";
import { startHttp } from "./gateway/http/server.js";
import { ModelCatalog } from "./gateway/model-catalog.js";
import type { Services } from "./gateway/services.js";
import { Generator } from "./generation/generator.js";
import { FolderGlossaries } from "./glossaries/folder-glossaries.js";
import { Glossaries } from "./glossaries/glossaries.js";
import type { GlossaryStore } from "./glossaries/glossary.js";
import { BatchJobs } from "./jobs/batch-jobs.js";
import { DocumentCutter } from "./jobs/document-cutter.js";
import { DocumentPlaces } from "./jobs/document-places.js";
import { openBlobStore } from "./jobs/open-blob-store.js";
import { unitsBy } from "./jobs/translate-units.js";
import { Networks } from "./jobs/webhooks/networks.js";
import { createLog } from "./observability/log.js";
import { Metrics } from "./observability/metrics.js";
import { WorkerMetrics } from "./observability/worker-metrics.js";
import type { AdmissionOptions } from "./queue/admission.js";
import type { QueueClient, QueueWorker, SegmentProcessor, ServedModel } from "./queue/port.js";
import { Scorer } from "./translation/scorer.js";
import { Translator } from "./translation/translator.js";
import type { ModelShelf } from "./worker/model-shelf.js";

const DAY_MS = 24 * 3600_000;

/** A role that runs. */
export interface Running {
  readonly grpcPort?: number;
  readonly httpPort: number;
  /** Where there is an admin port. */
  readonly adminPort?: number;
  /** Stops taking calls, lets those in flight finish within the configured grace, and releases everything. */
  close(): Promise<void>;
}

/** What all roles have. */
interface Common {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly deployments: DeploymentStore;
}

/** Gateway, queue and worker in one process; with `redis` set, over Redis all the same. */
export async function startServer(config: Config): Promise<Running> {
  const apiKeys = apiKeysOf(config); // before models are loaded
  const common = await commonOf(config);
  const { log } = common;
  const { shelf, processor } = await shelfOf(config, common);
  const { client, worker } = await queueOf(config, log);
  await worker.start(processor);
  shelf.follow(() => worker.announce());
  const gateway = await runGateway(config, { ...common, client, apiKeys }).catch(async (error) => {
    // what it has taken from Redis by now, it finishes
    await worker.close(config.graceSeconds * 1000);
    await client.close();
    throw error;
  });
  return {
    ...gateway,
    async close() {
      await gateway.close();
      await worker.close(config.graceSeconds * 1000);
      await shelf.close();
      await common.deployments.close();
    },
  };
}

async function queueOf(config: Config, log: Logger): Promise<{ client: QueueClient; worker: QueueWorker }> {
  if (config.redis) {
    const { createRedisClient } = await import("./queue/redis-client.js");
    const { createRedisWorker } = await import("./queue/redis-worker.js");
    const queueOptions = { redisUrl: config.redis, log };
    const client = await createRedisClient({ ...queueOptions, ...admissionOf(config) });
    return { client, worker: createRedisWorker(queueOptions) };
  }
  const { createEmbeddedQueue } = await import("./queue/embedded.js");
  return createEmbeddedQueue(admissionOf(config));
}

/** The gateway alone: it loads neither ONNX Runtime nor a model. @throws CarouselError when `redis` is not set */
export async function startGateway(config: Config): Promise<Running> {
  const redisUrl = redisOf(config);
  const apiKeys = apiKeysOf(config);
  const common = await commonOf(config);
  const { createRedisClient } = await import("./queue/redis-client.js");
  const client = await createRedisClient({ redisUrl, log: common.log, ...admissionOf(config) });
  const gateway = await runGateway(config, { ...common, client, apiKeys });
  return {
    ...gateway,
    async close() {
      await gateway.close();
      await common.deployments.close();
    },
  };
}

/** A worker alone; its HTTP port answers probes and metrics. @throws CarouselError when `redis` is not set */
export async function startWorker(config: Config): Promise<Running> {
  const redisUrl = redisOf(config);
  const common = await commonOf(config);
  const { log, metrics } = common;
  const { shelf, processor } = await shelfOf(config, common);
  let state: "starting" | "serving" | "draining" = "starting";
  const ready = async () => {
    if (state !== "serving") throw new CarouselError("UNAVAILABLE", `the worker is ${state}`);
  };
  // before it takes work, which would be lost with it when it cannot listen
  const http = await startHttp({ metrics, ready }, { host: config.host, port: config.httpPort });
  const { createRedisWorker } = await import("./queue/redis-worker.js");
  const worker = createRedisWorker({ redisUrl, log });
  await worker.start(processor);
  shelf.follow(() => worker.announce());
  state = "serving";
  log.info({ models: shelf.pool.models.map((m) => m.name), httpPort: http.port }, "worker is up");
  return {
    httpPort: http.port,
    async close() {
      state = "draining";
      await worker.close(config.graceSeconds * 1000);
      await shelf.close();
      await http.close(config.graceSeconds * 1000);
      await common.deployments.close();
    },
  };
}

async function commonOf(config: Config): Promise<Common> {
  const log = createLog(config.logLevel);
  return { log, metrics: new Metrics(log), deployments: await deploymentsOf(config, log) };
}

async function deploymentsOf({ redis, models }: Config, log: Logger): Promise<DeploymentStore> {
  if (!redis) return FolderDeployments.open({ folder: models, log });
  const { RedisDeployments } = await import("./deployment/redis-deployments.js");
  return RedisDeployments.open(redis);
}

function apiKeysOf({ apiKeys }: Config): ApiKeys {
  return apiKeys ? ApiKeys.read(apiKeys) : ApiKeys.open();
}

async function runGateway(config: Config, parts: Common & { client: QueueClient; apiKeys: ApiKeys }): Promise<Running> {
  const { log, metrics, deployments, apiKeys } = parts;
  const client = await cached(parts.client, { config, metrics });
  metrics.gauge("carousel_queue_depth", "Segments (embedded queue) or jobs (Redis) that wait for a worker", () =>
    client.depth(),
  );
  metrics.gauge("carousel_quarantined", "Segments put aside because they killed workers", () => client.quarantined());
  const onCall = (model: ServedModel, error?: unknown) => metrics.modelCalled(model, error);
  const catalog = new ModelCatalog(client, { deployments, onCall });
  const translator = new Translator(client, catalog);
  const jobs = new BatchJobs(await openBlobStore(config.jobs), unitsBy(translator), {
    retainMs: Math.round(config.jobsKeptDays * DAY_MS),
    documents: await DocumentPlaces.open(config.documents),
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
    cutter: new DocumentCutter({ megabytes: config.documentMegabytes }),
    apiKeys,
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
  const admin = await adminOf(config, parts);
  await jobs.resume();
  const adminPort = admin ? { adminPort: admin.port } : {};
  log.info({ grpcPort: grpc.port, httpPort: http.port, ...adminPort, instance: randomUUID() }, "gateway is up");
  return {
    grpcPort: grpc.port,
    httpPort: http.port,
    ...adminPort,
    async close() {
      state = "draining";
      const until = Date.now() + config.graceSeconds * 1000;
      grpc.stopAdmission();
      http.drain();
      await admin?.close(0);
      await jobs.close();
      await grpc.close(config.graceSeconds * 1000);
      await http.close(Math.max(0, until - Date.now()));
      await glossaries.close();
      await client.close();
    },
  };
}

/** The queue with a cache in front of it, if one is wished for. */
async function cached(client: QueueClient, { config, metrics }: { config: Config; metrics: Metrics }) {
  if (config.cache === "off") return client;
  const cache = await cacheOf(config);
  const size = async (what: "entries" | "bytes") => (await cache.size())[what];
  metrics.gauge("carousel_cache_entries", "Results in the cache", () => size("entries"));
  metrics.gauge("carousel_cache_bytes", "What they take, about", () => size("bytes"));
  return new CachedQueue(client, { cache, onLookup: (outcome) => metrics.cacheLookedUp(outcome) });
}

async function cacheOf(config: Config): Promise<ResultCache> {
  const limits = { bytes: config.cacheMegabytes * 2 ** 20, ageMs: 1000 * config.cacheSeconds };
  if (config.cache === "memory") return new MemoryCache(limits);
  const { RedisCache } = await import("./cache/redis-cache.js");
  return new RedisCache(redisOf(config), limits);
}

async function adminOf(config: Config, parts: Common & { client: QueueClient }) {
  const { adminPort: port, adminHost: host, adminToken: token } = config;
  if (port === undefined) return undefined;
  const admin = new ModelAdmin(parts.client, parts.deployments);
  return startAdmin({ admin, metrics: parts.metrics }, { host, port, ...(token ? { token } : {}) });
}

/** In Redis, where all gateways see them, if there is one. */
async function glossaryStoreOf({ redis, glossaries }: Config): Promise<GlossaryStore> {
  if (!redis) return new FolderGlossaries(glossaries);
  const { RedisGlossaries } = await import("./glossaries/redis-glossaries.js");
  return new RedisGlossaries(redis);
}

/** Loaded only where a model is served. */
async function shelfOf(
  config: Config,
  { log, metrics, deployments }: Common,
): Promise<{ shelf: ModelShelf; processor: SegmentProcessor }> {
  const { ModelShelf } = await import("./worker/model-shelf.js");
  const { device, engineThreads, intraOpThreads, watchModelsSeconds } = config;
  const workerMetrics = new WorkerMetrics(metrics.registry);
  const shelf = await ModelShelf.open({
    modelsFolder: config.models,
    deployments,
    log,
    onChange: (change) => metrics.modelChanged(change),
    onRun: (sentences) => workerMetrics.run(sentences),
    ...(watchModelsSeconds > 0 ? { watchMs: 1000 * watchModelsSeconds } : {}),
    ...(engineThreads ? { threads: engineThreads } : {}),
    device,
    ...(intraOpThreads ? { intraOpThreads } : {}),
  });
  metrics.gauge("carousel_models_refused", "Folders whose bundle is not served because it is not whole", async () => {
    return shelf.pool.refused.length;
  });
  metrics.modelsServed(() => shelf.pool.models);
  return { shelf, processor: workerMetrics.watch(shelf.pool) };
}

function admissionOf({ maxQueued, maxWaitSeconds }: Config): AdmissionOptions {
  return { maxQueued, maxWaitMs: 1000 * maxWaitSeconds };
}

function redisOf({ redis }: Config): string {
  if (redis) return redis;
  throw new CarouselError("INVALID_ARGUMENT", "this role needs Redis: give --redis URL or set REDIS_URL");
}
