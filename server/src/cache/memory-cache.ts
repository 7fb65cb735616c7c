import type { SegmentResult } from "../queue/port.js";
import type { CacheLimits, Kept, ResultCache } from "./result-cache.js";

/** What an entry takes beside its text, about. */
const OVERHEAD = 200;

/** Results in this process, as text: whoever gets one may change it. */
export class MemoryCache implements ResultCache {
  /** The one that was not asked for for the longest time comes first. */
  private readonly entries = new Map<string, string>();
  private bytes = 0;

  constructor(private readonly limits: CacheLimits) {}

  async get(key: string): Promise<SegmentResult | undefined> {
    const text = this.entries.get(key);
    if (text === undefined) return undefined;
    const { atMs, result } = JSON.parse(text) as Kept;
    this.remove(key);
    if (this.now() - atMs > this.limits.ageMs) return undefined;
    this.add(key, text);
    return result;
  }

  async set(key: string, result: SegmentResult): Promise<void> {
    this.remove(key);
    this.add(key, JSON.stringify({ atMs: this.now(), result } satisfies Kept));
    for (const oldest of this.entries.keys()) {
      if (this.bytes <= this.limits.bytes) break;
      this.remove(oldest);
    }
  }

  async size() {
    return { entries: this.entries.size, bytes: this.bytes };
  }

  async close(): Promise<void> {
    this.entries.clear();
  }

  private add(key: string, text: string): void {
    this.entries.set(key, text);
    this.bytes += costOf(text);
  }

  private remove(key: string): void {
    const text = this.entries.get(key);
    if (text === undefined) return;
    this.entries.delete(key);
    this.bytes -= costOf(text);
  }

  private now(): number {
    return (this.limits.now ?? Date.now)();
  }
}

/** A character takes one or two bytes. */
function costOf(text: string): number {
  return 2 * text.length + OVERHEAD;
}
