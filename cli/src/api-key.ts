import { type ClientOptions, InterceptingCall } from "@grpc/grpc-js";

/** What a client of a gateway is made with: it sends the API key in CAROUSEL_API_KEY, if there is one, with every call. */
export function clientOptions(environment: NodeJS.ProcessEnv = process.env): ClientOptions {
  const key = environment.CAROUSEL_API_KEY;
  if (!key) return {};
  return {
    interceptors: [
      (options, next) =>
        new InterceptingCall(next(options), {
          start(metadata, listener, start) {
            metadata.set("x-api-key", key);
            start(metadata, listener);
          },
        }),
    ],
  };
}
