/** Seconds of training, those before it was resumed included. */
export class Clock {
  private readonly start = performance.now();

  constructor(private readonly before: number) {}

  get seconds(): number {
    return this.before + (performance.now() - this.start) / 1000;
  }
}
