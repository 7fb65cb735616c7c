/** So many may be inside at once; the others wait, in the order in which they came. */
export class Places {
  private taken = 0;
  private readonly queue: (() => void)[] = [];

  constructor(private limit: number) {}

  get size(): number {
    return this.limit;
  }

  /** Those inside stay when there are fewer places than before. */
  set size(limit: number) {
    this.limit = limit;
    this.admit();
  }

  get waiting(): number {
    return this.queue.length;
  }

  /** Waits for a place. false: the signal was aborted before there was one. */
  async enter(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.taken < this.limit && this.queue.length === 0) {
      this.taken++;
      return true;
    }
    return new Promise((resolve) => {
      const place = () => {
        signal.removeEventListener("abort", giveUp);
        resolve(true);
      };
      const giveUp = () => {
        this.queue.splice(this.queue.indexOf(place), 1);
        resolve(false);
      };
      this.queue.push(place);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  leave(): void {
    this.taken--;
    this.admit();
  }

  private admit(): void {
    while (this.taken < this.limit && this.queue.length > 0) {
      this.taken++;
      this.queue.shift()!();
    }
  }
}
