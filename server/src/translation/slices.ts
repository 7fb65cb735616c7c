/** Milliseconds for which this work holds the event loop at once. */
const SLICE_MS = 5;

/** Work of many calls on the one thread, done in slices, one in a turn of the event loop: between them it does all else. */
export class Slices {
  /** Of this turn; undefined while nobody has worked in it. `end` is by performance.now(). */
  private slice: { readonly end: number; readonly over: Promise<void> } | undefined;

  /** To be awaited before each step of the work. Those who wait go on in the order in which they came. */
  async turn(): Promise<void> {
    while (this.current().end <= performance.now()) await this.current().over;
  }

  private current() {
    this.slice ??= {
      end: performance.now() + SLICE_MS,
      over: new Promise((resolve) => {
        setImmediate(() => {
          this.slice = undefined;
          resolve();
        });
      }),
    };
    return this.slice;
  }
}
