/** Longest that the end of a process waits for its engine threads, milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * What a thread has still to do, counted where both it and who gives it the work can see it without a message. A thread that is
 * inside ONNX Runtime when its process ends takes the process down with an abort, so an end waits for it.
 */
export class Outstanding {
  private readonly count: Int32Array;

  /** @param memory of another, to share its count */
  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.count = new Int32Array(memory);
  }

  begin(): void {
    Atomics.add(this.count, 0, 1);
  }

  end(): void {
    Atomics.sub(this.count, 0, 1);
    Atomics.notify(this.count, 0);
  }

  /** Blocks the calling thread until nothing is left to do, or it has waited long enough. */
  wait(): void {
    const until = performance.now() + PATIENCE_MS;
    for (let left = Atomics.load(this.count, 0); left > 0; left = Atomics.load(this.count, 0)) {
      if (Atomics.wait(this.count, 0, left, until - performance.now()) === "timed-out") return;
    }
  }
}
