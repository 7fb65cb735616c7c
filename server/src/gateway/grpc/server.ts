import { batch, generation, glossary, model, protoFolder, translation } from "@carousel/protos";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { HealthImplementation } from "grpc-health-check";
import { CarouselError } from "../../errors.js";
import type { Services } from "../services.js";
import { batchService } from "./batch.js";
import { connectionOptions } from "./connections.js";
import { gatekeeper } from "./gatekeeper.js";
import { generationService } from "./generation.js";
import { glossaryService } from "./glossaries.js";
import { modelService } from "./models.js";
import { translationService } from "./translation.js";

const FILES = ["translation", "generation", "batch", "glossary", "model"].map((name) => `carousel/v1/${name}.proto`);
const SERVICE_NAMES = [
  "TranslationService",
  "GenerationService",
  "BatchService",
  "GlossaryService",
  "ModelService",
].map((name) => `carousel.v1.${name}`);

export interface GrpcServer {
  readonly port: number;
  /** Answers health checks with NOT_SERVING. */
  stopAdmission(): void;
  /** Lets calls in flight finish, for at most `graceMs` milliseconds. */
  close(graceMs: number): Promise<void>;
}

/** @throws CarouselError FAILED_PRECONDITION when the port cannot be had */
export async function startGrpc(
  services: Services,
  { host, port }: { host: string; port: number },
): Promise<GrpcServer> {
  const interceptors = services.apiKeys.isOpen ? [] : [gatekeeper(services)];
  const server = new Server({ ...connectionOptions(), interceptors });
  server.addService(translation.TranslationServiceService, translationService(services));
  server.addService(generation.GenerationServiceService, generationService(services));
  server.addService(batch.BatchServiceService, batchService(services));
  server.addService(glossary.GlossaryServiceService, glossaryService(services));
  server.addService(model.ModelServiceService, modelService(services));
  const names = ["", ...SERVICE_NAMES];
  const health = new HealthImplementation(Object.fromEntries(names.map((name) => [name, "SERVING"])));
  health.addToServer(server);
  new ReflectionService(loadSync(FILES, { includeDirs: [protoFolder], keepCase: true })).addToServer(server);
  return {
    port: await bind(server, `${host}:${port}`),
    stopAdmission: () => {
      for (const name of names) health.setStatus(name, "NOT_SERVING");
    },
    close: (graceMs) => shutdown(server, graceMs),
  };
}

export function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(new CarouselError("FAILED_PRECONDITION", `cannot listen on ${address}: ${error.message}`));
      else resolve(port);
    });
  });
}

/** tryShutdown waits for every session and can hang, so a timer forces it. */
export function shutdown(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, graceMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
