import { CarouselError } from "../errors.js";
import type { QueueClient, Segment, SegmentResult } from "./port.js";

/** Queues a segment and waits for its result. @throws CarouselError when it ends in an error */
export function ask(
  queue: QueueClient,
  segment: Segment,
  signal?: AbortSignal,
  onPiece?: (text: string) => void,
): Promise<SegmentResult> {
  return new Promise((resolve, reject) => {
    queue.submit(
      segment,
      (event) => {
        if (event.type === "piece") onPiece?.(event.text);
        else if (event.type === "result") resolve(event.result);
        else reject(new CarouselError(event.error.code, event.error.message, event.error.details));
      },
      signal,
    );
  });
}
