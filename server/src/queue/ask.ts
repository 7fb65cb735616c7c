import { CarouselError } from "../errors.js";
import type { QueueClient, Segment, SegmentResult } from "./port.js";

export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onPiece?: ((text: string) => void) | undefined;
  /** Told of the error as soon as there is one: before this returns when the queue refuses the segment. */
  readonly onError?: (error: CarouselError) => void;
}

/** Queues a segment and waits for its result. @throws CarouselError when it ends in an error */
export function ask(
  queue: QueueClient,
  segment: Segment,
  { signal, onPiece, onError }: AskOptions = {},
): Promise<SegmentResult> {
  return new Promise((resolve, reject) => {
    queue.submit(
      segment,
      (event) => {
        if (event.type === "piece") return onPiece?.(event.text);
        if (event.type === "result") return resolve(event.result);
        const error = CarouselError.of(event.error);
        onError?.(error);
        reject(error);
      },
      signal,
    );
  });
}
