import { type ChannelCredentials, type ClientOptions, credentials, InterceptingCall } from "@grpc/grpc-js";

type ClientClass<C> = new (address: string, credentials: ChannelCredentials, options: ClientOptions) => C;

/** The option that says where a gateway is. */
export const ADDRESS = [
  "--address <address>",
  "the gateway: host:port, or https://host[:port] where TLS ends in front of it",
  "localhost:50051",
] as const;

/** A client of the gateway at an ADDRESS. It sends the API key in CAROUSEL_API_KEY, if there is one, with every call. */
export function gatewayClient<C>(
  Client: ClientClass<C>,
  address: string,
  environment: NodeJS.ProcessEnv = process.env,
): C {
  const options = withKey(environment.CAROUSEL_API_KEY);
  const overTls = /^https:\/\/([^/]+)\/?$/.exec(address)?.[1];
  if (overTls) return new Client(overTls, credentials.createSsl(), options);
  return new Client(address, credentials.createInsecure(), options);
}

function withKey(key: string | undefined): ClientOptions {
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
