import { setTimeout as sleep } from "node:timers/promises";
import { batch } from "@carousel/protos";
import { type ServiceError, status } from "@grpc/grpc-js";
import { ask, openClient } from "./client.js";
import { TINY } from "./corpus.js";
import type { Fault } from "./fault.js";
import type { Fleet } from "./fleet.js";

/** So long the blob store refuses. */
const REFUSES_MS = 3000;
/** Until jobs have gone on. */
const GOES_ON_MS = 3000;
/** Lines of a job that must be refused meanwhile. */
const LINES = 5000;
/** Calls have nothing to do with the store: none may fail. Jobs stay, so that nothing frees a block. */
const common = { times: { short: 1, long: 10 }, mayRefuse: [], load: { jobs: 2, keep: "jobs" } } as const;

export const diskFull: Fault = {
  ...common,
  id: "disk-full",
  name: "no free block on the disk of jobs (ENOSPC)",
  impossible: ({ store }) =>
    store.kind === "file system" ? undefined : "needs a user who may mount a tmpfs (root) to have a disk to fill",
  inflict: (fleet) =>
    refusing(fleet, {
      begin: () => fleet.store.fill(),
      end: () => fleet.store.free(),
    }),
};

export const fileLimit: Fault = {
  ...common,
  id: "file-limit",
  name: "no file of a gateway may grow (RLIMIT_FSIZE, EFBIG)",
  impossible: () => (process.platform === "linux" ? undefined : "needs prlimit, which Linux has"),
  inflict: (fleet) =>
    refusing(fleet, {
      begin: () => limit(fleet, "0"),
      end: () => limit(fleet, "unlimited"),
    }),
};

export const permission: Fault = {
  ...common,
  id: "permission",
  name: "no permission for the folder of jobs (EACCES)",
  impossible: ({ gateways }) =>
    gateways.every((gateway) => gateway.needsPermission)
      ? undefined
      : "root may do everything, and there is no setpriv to take that from it",
  inflict: (fleet) =>
    refusing(fleet, {
      begin: () => fleet.store.forbid(),
      end: () => fleet.store.permit(),
    }),
};

/** While the store refuses, a new job must be refused for that reason; those that run wait. */
async function refusing(fleet: Fleet, store: { begin(): Promise<void>; end(): Promise<void> }): Promise<number> {
  const moment = Date.now();
  await store.begin();
  try {
    const code = await codeOfNewJob(fleet);
    if (code !== status.UNAVAILABLE) throw new Error(`a job that cannot be stored ended in ${status[code]}`);
    await sleep(REFUSES_MS);
  } finally {
    await store.end();
  }
  await sleep(GOES_ON_MS);
  return moment;
}

async function codeOfNewJob(fleet: Fleet): Promise<status> {
  const client = openClient(fleet.grpcPorts);
  const texts = Array.from({ length: LINES }, (_, k) => `${k}`);
  const message = batch.CreateBatchRequest.fromPartial({ model: TINY.model, texts });
  try {
    return await ask<batch.Batch>((done) => client.batch.createBatch(message, done)).then(
      () => status.OK,
      (error: ServiceError) => error.code,
    );
  } finally {
    client.close();
  }
}

async function limit({ gateways }: Fleet, bytes: string): Promise<void> {
  await Promise.all(gateways.map((gateway) => gateway.limitFiles(bytes)));
}
