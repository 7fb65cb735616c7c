import { readFileSync } from "node:fs";
import { faultLine, readBySchema } from "@carousel/bundle/schema/read-by-schema";
import { parse } from "yaml";
import { z } from "zod";
import { DEVICES } from "./device.js";
import { CarouselError } from "./errors.js";

const port = z.coerce.number().int().min(0).max(65535);
const count = z.coerce.number().int().min(1);

/** a,b,c; in the file a sequence will do as well. */
const list = z.preprocess(
  (value) =>
    typeof value === "string"
      ? value
          .split(",")
          .map((item) => item.trim())
          .filter((item) => item !== "")
      : value,
  z.array(z.string()),
);

const settings = z.strictObject({
  /** redis://, redis-sentinel://, redis-cluster://, rediss…; without it the queue is in the process. */
  redis: z
    .string()
    .regex(
      /^rediss?(-sentinel|-cluster)?:\/\//,
      "must begin with redis://, redis-sentinel://, redis-cluster://, or rediss… for TLS",
    )
    .optional(),
  host: z.string().default("0.0.0.0"),
  grpcPort: port.default(50051),
  httpPort: port.default(8080),
  /** gRPC port of ModelAdminService; without it there is none. */
  adminPort: port.optional(),
  /** Address of the admin port; another than a loopback address needs a token. */
  adminHost: z.string().default("127.0.0.1"),
  adminToken: z.string().min(1).optional(),
  /** Folder of model bundles. */
  models: z.string().default("models"),
  /** Where batch jobs are kept: a folder, or s3://BUCKET[/PREFIX][?endpoint=URL&region=REGION]. */
  jobs: z
    .string()
    .regex(/^(?:s3:\/\/|(?!\w+:\/\/))/, "must be a folder, or s3://BUCKET[/PREFIX][?endpoint=URL&region=REGION]")
    .default("jobs"),
  /** Days for which batch jobs are kept after their end; 0: for ever. */
  jobsKeptDays: z.coerce.number().min(0).max(100_000).default(30),
  /** Buckets, separated by commas, in which batch jobs may read and write documents: s3://BUCKET[/PREFIX][?endpoint=URL]. */
  documents: list.default([]),
  /** Memory that one document of a batch job may take while it is cut, 2^20 bytes; two are cut at once, and the code that cuts takes 14 of it. */
  documentMegabytes: z.coerce.number().int().min(32).default(256),
  /** Networks and addresses, separated by commas, that webhooks may call beside those of the public internet. */
  webhookNetworks: list.default([]),
  /** Folder in which glossaries are kept; with Redis they are kept there. */
  glossaries: z.string().default("glossaries"),
  /** YAML file of who may call; without it everybody may. */
  apiKeys: z.string().optional(),
  /** Segments of a gateway that may be on their way. */
  maxQueued: count.default(10_000),
  /** Where results are kept to be given again; redis needs Redis. */
  cache: z.enum(["off", "memory", "redis"]).default("off"),
  /** All results that are kept, about. */
  cacheMegabytes: z.coerce.number().positive().default(64),
  /** A result is given again for so many seconds. */
  cacheSeconds: z.coerce.number().positive().default(86_400),
  /** Longest wait, seconds, of a request that is not batch work. */
  maxWaitSeconds: z.coerce.number().positive().default(10),
  /** Seconds between two looks at the folder of models; 0: it is looked at when told to. */
  watchModelsSeconds: z.coerce.number().min(0).default(0),
  device: z.enum(DEVICES).default("cpu"),
  /** Engine threads of each model. When absent: one a core, or one where intraOpThreads is given. */
  engineThreads: count.optional(),
  /** Threads inside one operator. When absent: the cores, shared out over the engine threads. */
  intraOpThreads: count.optional(),
  /** Seconds in which calls in flight may finish after SIGTERM. */
  graceSeconds: z.coerce.number().min(0).default(25),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});

const schema = settings.refine(({ cache, redis }) => cache !== "redis" || redis !== undefined, {
  path: ["cache"],
  message: "is redis, which needs a Redis: give --redis URL, set REDIS_URL, or choose memory",
});

export type Config = z.output<typeof schema>;
export type ConfigInput = { readonly [key in keyof Config]?: unknown };

export const CONFIG_KEYS = Object.keys(settings.shape) as (keyof Config)[];

/** CAROUSEL_GRPC_PORT for grpcPort, and so on; REDIS_URL stands for redis too. */
export function environmentName(key: string): string {
  return `CAROUSEL_${key.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase()}`;
}

/**
 * One configuration from, in order of precedence, flags, the environment, and the YAML file that CAROUSEL_CONFIG names.
 * @throws CarouselError INVALID_ARGUMENT naming the key and what is allowed
 */
export function loadConfig(flags: ConfigInput = {}, environment: NodeJS.ProcessEnv = process.env): Config {
  const file = environment.CAROUSEL_CONFIG ? readConfigFile(environment.CAROUSEL_CONFIG) : {};
  const fromEnvironment = Object.fromEntries(
    CONFIG_KEYS.flatMap((key) => {
      const value = environment[environmentName(key)] ?? (key === "redis" ? environment.REDIS_URL : undefined);
      return value ? [[key, value]] : [];
    }),
  );
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  const { data, faults } = readBySchema(schema, { ...file, ...fromEnvironment, ...given });
  if (!faults) return data;
  throw new CarouselError("INVALID_ARGUMENT", `configuration: ${faults.map(faultLine).join("; ")}`);
}

function readConfigFile(path: string): object {
  try {
    const settings: unknown = parse(readFileSync(path, "utf8")) ?? {};
    if (typeof settings === "object" && !Array.isArray(settings)) return settings as object;
    throw new Error("it must be YAML of lines such as grpcPort: 50051");
  } catch (error) {
    throw new CarouselError("INVALID_ARGUMENT", `cannot read the configuration ${path}: ${(error as Error).message}`);
  }
}
