import { batch, translation } from "@carousel/protos";
import { type ClientOptions, credentials, type ServiceError } from "@grpc/grpc-js";

/** What a client of Carousel is advised to do: the gateways in turn, and another try when one is UNAVAILABLE. */
export const SERVICE_CONFIG = {
  loadBalancingConfig: [{ round_robin: {} }],
  methodConfig: [
    {
      name: [{}],
      retryPolicy: {
        maxAttempts: 5,
        initialBackoff: "0.1s",
        maxBackoff: "1s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE"],
      },
    },
  ],
};

export interface Client {
  readonly translation: translation.TranslationServiceClient;
  readonly batch: batch.BatchServiceClient;
  close(): void;
}

/** A client of all gateways at once. */
export function openClient(ports: readonly number[]): Client {
  const address = `ipv4:${ports.map((port) => `127.0.0.1:${port}`).join(",")}`;
  const options: ClientOptions = {
    "grpc.service_config": JSON.stringify(SERVICE_CONFIG),
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1000,
  };
  const insecure = credentials.createInsecure();
  const clients = {
    translation: new translation.TranslationServiceClient(address, insecure, options),
    batch: new batch.BatchServiceClient(address, insecure, options),
  };
  return {
    ...clients,
    close() {
      clients.translation.close();
      clients.batch.close();
    },
  };
}

/** One call as a promise. */
export function ask<T>(call: (done: (error: ServiceError | null, answer: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, answer) => (error ? reject(error) : resolve(answer)));
  });
}
