/** Watches a growing text for sequences that end it, and holds back what may be the beginning of one. */
export class StopWatch {
  stopped = false;
  private text = "";
  private saidTo = 0;

  constructor(private readonly stops: readonly string[]) {}

  /** All that may be said: the text before the first stop sequence. */
  get said(): string {
    return this.text.slice(0, this.saidTo);
  }

  /** Takes more text. @returns what of it, and of what was held back, may be said now */
  push(text: string): string {
    if (this.stopped) return "";
    this.text += text;
    const found = this.stops.map((stop) => this.text.indexOf(stop, this.saidTo)).filter((at) => at >= 0);
    this.stopped = found.length > 0;
    return this.sayTo(this.stopped ? Math.min(...found) : this.text.length - this.heldBack());
  }

  /** The text has ended: what was held back. */
  rest(): string {
    return this.stopped ? "" : this.sayTo(this.text.length);
  }

  private sayTo(end: number): string {
    const fresh = this.text.slice(this.saidTo, end);
    this.saidTo = end;
    return fresh;
  }

  /** Length of the longest end of the text that a stop sequence begins with. */
  private heldBack(): number {
    const unsaid = this.text.slice(this.saidTo);
    for (let length = unsaid.length; length > 0; length--) {
      if (this.stops.some((stop) => stop.startsWith(unsaid.slice(-length)))) return length;
    }
    return 0;
  }
}
