interface Listening {
  readonly callbacks: Set<() => void>;
  readonly tell: () => void;
}

/**
 * Tells of aborts. A signal that many wait for has one listener: to add one, or to take one away, a signal goes through all
 * that it has.
 */
export class SharedSignals {
  private readonly listening = new Map<AbortSignal, Listening>();

  /** Calls back when the signal is aborted, which it is not yet. @returns what ends that */
  listen(signal: AbortSignal, callback: () => void): () => void {
    const { callbacks } = this.listening.get(signal) ?? this.begin(signal);
    callbacks.add(callback);
    return () => {
      callbacks.delete(callback);
      if (callbacks.size === 0) this.end(signal);
    };
  }

  private begin(signal: AbortSignal): Listening {
    const callbacks = new Set<() => void>();
    const tell = () => {
      for (const callback of callbacks) callback();
    };
    const listening = { callbacks, tell };
    this.listening.set(signal, listening);
    signal.addEventListener("abort", tell);
    return listening;
  }

  private end(signal: AbortSignal): void {
    const listening = this.listening.get(signal);
    if (!listening || listening.callbacks.size > 0) return;
    signal.removeEventListener("abort", listening.tell);
    this.listening.delete(signal);
  }
}
