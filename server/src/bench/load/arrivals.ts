import { RetryInfo, Status, translation } from "@carousel/protos";
import { credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";

/** Calls of Translate that come at random, whatever becomes of those before. */
export interface Arrivals {
  readonly model: string;
  readonly sentences: readonly string[];
  readonly sentencesPerCall: number;
  readonly callsPerSecond: number;
  readonly seconds: number;
  /** Of each call. */
  readonly deadlineMs: number;
}

export interface ArrivedCall {
  readonly outcome: "answered" | "refused" | "late" | "failed";
  /** From the time at which it was due. */
  readonly milliseconds: number;
  /** refused only: the RetryInfo. */
  readonly retryAfterMs?: number;
}

/** Poisson arrivals. */
export async function arrivals(grpcPort: number, options: Arrivals): Promise<ArrivedCall[]> {
  const { callsPerSecond, seconds } = options;
  const client = new translation.TranslationServiceClient(`127.0.0.1:${grpcPort}`, credentials.createInsecure());
  const begun = performance.now();
  const calls: Promise<ArrivedCall>[] = [];
  for (let due = 0; ; ) {
    due -= (1000 / callsPerSecond) * Math.log(1 - Math.random());
    if (due > 1000 * seconds) break;
    const early = begun + due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    calls.push(call(client, { ...options, first: calls.length, dueAt: begun + due }));
  }
  return Promise.all(calls).finally(() => client.close());
}

function call(
  client: translation.TranslationServiceClient,
  { model, sentences, sentencesPerCall, deadlineMs, first, dueAt }: Arrivals & { first: number; dueAt: number },
): Promise<ArrivedCall> {
  const texts = Array.from({ length: sentencesPerCall }, (_, k) => sentences[(first + k) % sentences.length]!);
  const request = translation.TranslateRequest.fromPartial({ model, texts, options: { beamSize: 1 } });
  return new Promise((resolve) => {
    client.translate(request, new Metadata(), { deadline: Date.now() + deadlineMs }, (error: ServiceError | null) => {
      const milliseconds = performance.now() - dueAt;
      if (!error) resolve({ outcome: "answered", milliseconds });
      else if (error.code === status.DEADLINE_EXCEEDED) resolve({ outcome: "late", milliseconds });
      else if (error.code !== status.RESOURCE_EXHAUSTED) resolve({ outcome: "failed", milliseconds });
      else resolve({ outcome: "refused", milliseconds, retryAfterMs: retryAfterMs(error) });
    });
  });
}

/** @returns NaN when the refusal does not tell */
function retryAfterMs(error: ServiceError): number {
  const [trailer] = error.metadata.get("grpc-status-details-bin");
  const details = trailer ? Status.decode(trailer as Buffer).details : [];
  const info = details.find(({ typeUrl }) => typeUrl.endsWith("RetryInfo"));
  const delay = info && RetryInfo.decode(info.value).retryDelay;
  return delay ? 1000 * Number(delay.seconds) + delay.nanos / 1e6 : Number.NaN;
}
