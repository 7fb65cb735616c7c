import type { Share } from "../queue/share.js";

/** What a handler knows of its call. */
export interface CallContext {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Aborted when the caller goes away, or the call has failed. */
  readonly signal: AbortSignal;
  readonly requestId: string;
  /** Whose the call is. */
  readonly share: Share;
}
