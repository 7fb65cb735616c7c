/** A watcher hears of a job so often at most, and at least so often where another process may work on it. */
const WATCH_MS = { shortest: 200, longest: 2000 };

/** Tells those who watch jobs that something has changed. */
export class Changes {
  private readonly watchers = new Map<string, Set<() => void>>();

  /** The job has changed. */
  tell(id: string): void {
    for (const wake of this.watchers.get(id) ?? []) wake();
  }

  /**
   * The next change of a job. `heard` resolves with it, when the signal aborts, and after the longest time; `shortest` after the
   * shortest time between two looks. To be ended by whoever waits.
   */
  next(id: string, signal: AbortSignal): { heard: Promise<void>; shortest: Promise<void>; end: () => void } {
    let wake = () => {};
    const heard = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const watchers = this.watchers.get(id) ?? new Set();
    this.watchers.set(id, watchers.add(wake));
    signal.addEventListener("abort", wake, { once: true });
    const timer = setTimeout(wake, WATCH_MS.longest);
    const shortest = new Promise<void>((resolve) => setTimeout(resolve, WATCH_MS.shortest));
    return {
      heard,
      shortest,
      end: () => {
        clearTimeout(timer);
        watchers.delete(wake);
        if (watchers.size === 0) this.watchers.delete(id);
        signal.removeEventListener("abort", wake);
      },
    };
  }
}
