import { existsSync } from "node:fs";
import { type Config, loadConfig, type Running, startGateway, startServer, startWorker } from "@carousel/server";
import { Command } from "commander";
import { shippedModels } from "../options.js";

const CONFIGURATION = `
Every option can also be set in the environment (CAROUSEL_GRPC_PORT for --grpc-port; REDIS_URL for --redis) and in a YAML
file that CAROUSEL_CONFIG names (grpcPort: 50051).`;

const OPTIONS = {
  redis: ["--redis <url>", "Redis of the queue; without it the queue is in the process"],
  host: ["--host <address>", "address to listen on (default 0.0.0.0)"],
  grpc: ["--grpc-port <p>", "gRPC port (default 50051)"],
  http: ["--http-port <p>", "HTTP port: page, JSON, /healthz, /readyz, /metrics (default 8080)"],
  models: ["--models <folder>", "folder of model bundles (default: ./models, or the shipped ones)"],
  watch: [
    "--watch-models-seconds <s>",
    "look at the folder of models so often and serve what changed (default 0: when told to)",
  ],
  admin: ["--admin-port <p>", "gRPC port for carousel models load, unload, reload, weight, rollback (default: none)"],
  adminHost: ["--admin-host <address>", "its address (default 127.0.0.1); others need CAROUSEL_ADMIN_TOKEN"],
  cache: ["--cache <where>", "keep results to give them again: off, memory or redis (default off)"],
  cacheSize: ["--cache-megabytes <n>", "all results that are kept, about (default 64)"],
  cacheAge: ["--cache-seconds <s>", "a result is given again for so long (default 86400)"],
  jobs: ["--jobs <place>", "where batch jobs are kept: a folder, or s3://BUCKET[/PREFIX] (default ./jobs)"],
  kept: ["--jobs-kept-days <n>", "days for which batch jobs are kept after their end, 0: for ever (default 30)"],
  documents: [
    "--documents <list>",
    "buckets in which batch jobs may read and write, s3://BUCKET[/PREFIX] (default none)",
  ],
  documentSize: [
    "--document-megabytes <n>",
    "memory that a document may take while it is cut (default 256; two at once)",
  ],
  webhooks: ["--webhook-networks <list>", "private networks that webhooks may call, such as 10.0.0.0/8 (default none)"],
  glossaries: ["--glossaries <folder>", "folder in which glossaries are kept, without Redis (default ./glossaries)"],
  queued: ["--max-queued <n>", "segments of this gateway that may be on their way (default 10000)"],
  wait: ["--max-wait-seconds <s>", "longest wait of a request that is not batch work (default 10)"],
  keys: ["--api-keys <file>", "who may call, and what share of the workers each gets (default: everybody)"],
  device: ["--device <d>", "cpu or cuda"],
  threads: ["--engine-threads <n>", "engine threads of each model"],
  intra: ["--intra-op-threads <n>", "threads inside one operator"],
  grace: ["--grace-seconds <s>", "time for calls in flight after SIGTERM (default 25)"],
  log: ["--log-level <l>", "debug, info, warn, error or silent"],
} as const;

function role(name: string, description: string, keys: readonly (keyof typeof OPTIONS)[]): Command {
  const command = new Command(name).description(description).addHelpText("after", CONFIGURATION);
  for (const key of keys) command.option(...(OPTIONS[key] as unknown as [string, string]));
  return command;
}

export function serveCommand(): Command {
  return role("serve", "run gateway, queue and worker in one process", Object.keys(OPTIONS) as (keyof typeof OPTIONS)[])
    .addHelpText("after", "\nExample:\n  carousel serve --models models --grpc-port 50051 --http-port 8080")
    .action((flags) => run(startServer, withModels(flags), welcome));
}

export function gatewayCommand(): Command {
  return role("gateway", "run a gateway over Redis: gRPC and HTTP, no model", [
    "redis",
    "host",
    "grpc",
    "http",
    "admin",
    "adminHost",
    "cache",
    "cacheSize",
    "cacheAge",
    "jobs",
    "kept",
    "documents",
    "documentSize",
    "webhooks",
    "queued",
    "wait",
    "keys",
    "grace",
    "log",
  ])
    .addHelpText("after", "\nExample:\n  carousel gateway --redis redis://localhost:6379")
    .action((flags) => run(startGateway, loadConfig(flags), welcome));
}

export function workerCommand(): Command {
  return role("worker", "run a worker over Redis: models, no calls", [
    "redis",
    "host",
    "http",
    "models",
    "watch",
    "device",
    "threads",
    "intra",
    "grace",
    "log",
  ])
    .addHelpText(
      "after",
      "\nExample:\n  carousel worker --redis redis://localhost:6379 --models models --http-port 8081",
    )
    .action((flags) => run(startWorker, withModels(flags), () => "worker is up\n"));
}

/** The shipped models where no folder was named and there is none of the usual name. */
function withModels(flags: Record<string, string>): Config {
  const config = loadConfig(flags);
  const usual = loadConfig({}, {}).models;
  return config.models === usual && !existsSync(usual) ? { ...config, models: shippedModels } : config;
}

/** Runs until SIGTERM or SIGINT, then drains and exits 0. */
async function run(
  start: (config: Config) => Promise<Running>,
  config: Config,
  message: (running: Running) => string,
): Promise<void> {
  const starting = start(config);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    starting
      .then((running) => running.close())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  // before it is up: who reads that it is may send a signal at once
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.stderr.write(message(await starting));
}

function welcome({ grpcPort, httpPort }: Running): string {
  return `
Carousel is up.
  page     http://localhost:${httpPort}/
  gRPC     localhost:${grpcPort}
  metrics  http://localhost:${httpPort}/metrics

A call to try:
  grpcurl -plaintext -d '{"source_language":"ja","target_language":"en","texts":["彼は医者です。"]}' localhost:${grpcPort} carousel.v1.TranslationService/Translate
  curl -s localhost:${httpPort}/v1/translate -H 'content-type: application/json' -d '{"sourceLanguage":"ja","targetLanguage":"en","texts":["彼は医者です。"]}'

`;
}
