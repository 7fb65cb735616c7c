const WINDOW_MS = 60_000;
const STEP_MS = 500;

interface Mark {
  readonly atMs: number;
  readonly units: number;
  readonly characters: number;
}

/** How fast work goes: over the last minute, or since it began. */
export class PaceMeter {
  private readonly marks: Mark[];

  constructor(private readonly now: () => number = Date.now) {
    this.marks = [{ atMs: now(), units: 0, characters: 0 }];
  }

  add(units: number, characters: number): void {
    const { marks } = this;
    const [last, before] = [marks.at(-1)!, marks.at(-2)];
    const mark = { atMs: this.now(), units: last.units + units, characters: last.characters + characters };
    if (before && mark.atMs - before.atMs < STEP_MS) marks[marks.length - 1] = mark;
    else marks.push(mark);
    while (marks.length > 2 && mark.atMs - marks[1]!.atMs >= WINDOW_MS) marks.shift();
  }

  /** Units and characters a second. */
  get rate(): { units: number; characters: number } {
    const [first, last] = [this.marks[0]!, this.marks.at(-1)!];
    const seconds = Math.max(0.001, (this.now() - first.atMs) / 1000);
    return { units: (last.units - first.units) / seconds, characters: (last.characters - first.characters) / seconds };
  }
}
