export interface Point {
  readonly hours: number;
  readonly value: number;
}

export interface Slope {
  readonly perHour: number;
  /** Standard error of it. */
  readonly error: number;
}

/** Of the straight line with the least squares through at least three points. */
export function slope(points: readonly Point[]): Slope {
  const n = points.length;
  const mean = (of: (p: Point) => number) => points.reduce((sum, p) => sum + of(p), 0) / n;
  const [hours, value] = [mean((p) => p.hours), mean((p) => p.value)];
  const spread = points.reduce((sum, p) => sum + (p.hours - hours) ** 2, 0);
  const perHour = points.reduce((sum, p) => sum + (p.hours - hours) * (p.value - value), 0) / spread;
  const squares = points.reduce((sum, p) => sum + (p.value - value - perHour * (p.hours - hours)) ** 2, 0);
  return { perHour, error: Math.sqrt(squares / (n - 2) / spread) };
}

/** Whether it is more than may be by more than chance would have it: two standard errors. */
export function growsFasterThan(limit: number, { perHour, error }: Slope): boolean {
  return perHour - 2 * error > limit;
}
