export interface Point {
  readonly hours: number;
  readonly value: number;
}

export interface Slope {
  readonly perHour: number;
  /** Standard error of it. */
  readonly error: number;
}

/** A heap rises until it is collected: samples that follow each other err alike, averages over some minutes hardly. */
const PARTS = 20;

/** Of the straight line with the least squares through the averages of 20 parts, or through all points where these are fewer. */
export function slope(samples: readonly Point[]): Slope {
  const points = averages(samples);
  const n = points.length;
  const mean = (of: (p: Point) => number) => points.reduce((sum, p) => sum + of(p), 0) / n;
  const [hours, value] = [mean((p) => p.hours), mean((p) => p.value)];
  const spread = points.reduce((sum, p) => sum + (p.hours - hours) ** 2, 0);
  const perHour = points.reduce((sum, p) => sum + (p.hours - hours) * (p.value - value), 0) / spread;
  const squares = points.reduce((sum, p) => sum + (p.value - value - perHour * (p.hours - hours)) ** 2, 0);
  return { perHour, error: Math.sqrt(squares / (n - 2) / spread) };
}

function averages(samples: readonly Point[]): readonly Point[] {
  const size = Math.ceil(samples.length / PARTS);
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, k) => {
    const part = samples.slice(k * size, (k + 1) * size);
    const mean = (of: (p: Point) => number) => part.reduce((sum, p) => sum + of(p), 0) / part.length;
    return { hours: mean((p) => p.hours), value: mean((p) => p.value) };
  });
}

/** Whether it is above the limit by more than chance would have it: two standard errors. */
export function growsFasterThan(limit: number, { perHour, error }: Slope): boolean {
  return perHour - 2 * error > limit;
}
