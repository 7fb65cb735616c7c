import type { Client, ServiceError } from "@grpc/grpc-js";
import { InputError } from "./input-error.js";

export type Done<T> = (error: ServiceError | null, response: T) => void;

/** One call to a server, with a client that is closed behind it. @throws InputError with the server's words when it fails */
export function unaryCall<C extends Client, T>(
  client: C,
  { address }: { address: string },
  make: (client: C, done: Done<T>) => unknown,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    make(client, (error, response) => {
      client.close();
      if (error) reject(failure(error, address));
      else resolve(response);
    });
  });
}

/** What a server sends, with a client that is closed behind it. @throws InputError with the server's words when it fails */
export async function* streamCall<C extends Client, T>(
  client: C,
  { address }: { address: string },
  make: (client: C) => AsyncIterable<T>,
): AsyncGenerator<T> {
  try {
    yield* make(client);
  } catch (error) {
    throw failure(error as ServiceError, address);
  } finally {
    client.close();
  }
}

/** What gRPC says around the reason why there is no connection. */
const NO_CONNECTION = /^No connection established\. Last error: (?:Error: )?(.*?)\.? ?Resolution note: .*$/s;

function failure({ details, message }: ServiceError, address: string): InputError {
  return new InputError(`${address}: ${(details || message).replace(NO_CONNECTION, "no server can be reached: $1")}`);
}
