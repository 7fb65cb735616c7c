import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SearchOptions, Status, translation } from "@carousel/protos";
import { type Client, credentials, type Metadata, type ServiceError } from "@grpc/grpc-js";
import { type Config, loadConfig } from "../config.js";

const fixtures = new URL("../../../tests/fixtures/bundles", import.meta.url).pathname;
const options = SearchOptions.fromPartial({ beamSize: 2, nBest: 2, maxLength: 12 });

/** What is asked in all tests of a server, but for the texts. */
export const request = translation.TranslateRequest.fromPartial({
  sourceLanguage: "ja",
  targetLanguage: "en",
  options,
});

/** A folder with the tiny models, and configurations of servers that keep all they have in it. */
export class TestFolder {
  private constructor(readonly folder: string) {}

  static async create(): Promise<TestFolder> {
    const folder = await mkdtemp(join(tmpdir(), "carousel-server-"));
    await cp(fixtures, join(folder, "models"), { recursive: true });
    return new TestFolder(folder);
  }

  config(more: Record<string, unknown> = {}): Config {
    const own = ["models", "jobs", "glossaries"].map((name) => [name, join(this.folder, name)]);
    const quiet = { host: "127.0.0.1", grpcPort: 0, httpPort: 0, intraOpThreads: 1, logLevel: "silent" };
    return loadConfig({ ...Object.fromEntries(own), ...quiet, ...more }, {});
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }
}

/** Promise form of a unary method. @param settings metadata, or options of the call */
export function call<Q, A>(
  client: Client,
  method: string,
  message: Q,
  settings: Metadata | { deadline?: number } = {},
): Promise<A> {
  return new Promise((resolve, reject) => {
    type Method = (q: Q, s: object, done: (e: ServiceError | null, a: A) => void) => void;
    (client as unknown as Record<string, Method>)[method]!(message, settings, (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
  });
}

/** Translates by a server on this host. */
export class TestTranslator {
  readonly client: translation.TranslationServiceClient;

  constructor(grpcPort: number | undefined) {
    this.client = new translation.TranslationServiceClient(`127.0.0.1:${grpcPort}`, credentials.createInsecure());
  }

  /** @param settings metadata, or options of the call */
  translate(
    texts: string[],
    changes: Partial<typeof request> = {},
    settings: Metadata | { deadline?: number } = {},
  ): Promise<translation.TranslateResponse> {
    return call(this.client, "translate", { ...request, ...changes, texts }, settings);
  }

  close(): void {
    this.client.close();
  }
}

/** What of google.rpc an error says, by the end of its type. */
export function detailOf({ metadata }: ServiceError, type: string): Uint8Array | undefined {
  const [trailer] = metadata.get("grpc-status-details-bin");
  return Status.decode(trailer as Buffer).details.find(({ typeUrl }) => typeUrl.endsWith(type))?.value;
}
