import type { Manifest } from "@carousel/bundle";
import type { Segment, SegmentEvent } from "../queue/port.js";

/** No so many tokens come twice: enough to leave any loop, which has at least eight that do. */
const GUARD = 3;

/** Whether what repeats itself is a fault. */
export function mindsLoops({ task, options }: Segment): boolean {
  return task === "translate" && options.loops !== "allowed";
}

/** Whether a guard would be something new. */
export function canGuard(segment: Segment, { formatVersion }: Manifest): boolean {
  return mindsLoops(segment) && formatVersion > 1 && (segment.options.noRepeatNgram ?? 0) === 0;
}

/** The segment to decode instead, when its best translation went into a loop and nothing guarded it yet. */
export function guarded(segment: Segment, event: SegmentEvent, manifest: Manifest): Segment | undefined {
  const looped = event.type === "result" && event.result.hypotheses[0]!.finishReason === "loop";
  if (!looped || !canGuard(segment, manifest)) return undefined;
  return { ...segment, options: { ...segment.options, noRepeatNgram: GUARD } };
}

export function asGuarded(event: SegmentEvent): SegmentEvent {
  return event.type === "result" ? { ...event, result: { ...event.result, guarded: true } } : event;
}
