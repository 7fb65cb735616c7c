/** How values stand along an axis of a chart. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  /** From values to [0, 1]; values beyond the ends go beyond them too. */
  position(value: number): number;
  /** Where a line is drawn, and what is written beside it. */
  readonly ticks: readonly Tick[];
}

export interface Tick {
  readonly value: number;
  readonly label: string;
}

export function linearAxis({ low, high, ticks }: { low: number; high: number; ticks: number }): Axis {
  const position = (value: number) => (value - low) / (high - low);
  return { low, high, position, ticks: linearTicks(low, high, ticks) };
}

/** Equal ratios, equal lengths. Both ends must be positive. */
export function logarithmicAxis({ low, high, ticks }: { low: number; high: number; ticks: number }): Axis {
  const position = (value: number) => Math.log(value / low) / Math.log(high / low);
  const round = decades(low, high);
  // an axis of less than a decade has too few round powers
  return { low, high, position, ticks: round.length >= 3 ? round : linearTicks(low, high, ticks) };
}

/** Multiples of 1, 2 or 5 times a power of ten, about `count` of them. */
function linearTicks(low: number, high: number, count: number): Tick[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * nearest([1, 2, 5, 10], rough / power);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => {
    const value = (first + k) * step;
    return { value, label: tickLabel(value, step) };
  });
}

/** The candidate of least ratio to the value. */
function nearest(candidates: readonly number[], value: number): number {
  const distance = (c: number) => Math.abs(Math.log(c / value));
  return candidates.reduce((best, c) => (distance(c) < distance(best) ? c : best));
}

const FEW_DECADES = 4;
const MOST_POWERS = 10;

/** 1, 2 and 5 times the powers of ten; over many decades the powers alone, or every so many. */
function decades(low: number, high: number): Tick[] {
  const ticks: Tick[] = [];
  const [first, last] = [Math.floor(Math.log10(low)), Math.floor(Math.log10(high))];
  const apart = Math.max(1, Math.ceil((last - first) / MOST_POWERS));
  for (let exponent = Math.ceil(first / apart) * apart; exponent <= last; exponent += apart) {
    const power = Number(`1e${exponent}`);
    for (const m of last - first > FEW_DECADES ? [1] : [1, 2, 5]) {
      const value = m * power;
      if (value >= low && value <= high) ticks.push({ value, label: tickLabel(value, power) });
    }
  }
  return ticks;
}

/** As many digits as tell neighbours apart. */
function tickLabel(value: number, step: number): string {
  if (value === 0) return "0";
  if (Math.abs(value) < 1e-4) return value.toExponential(0).replace("e-", "e−");
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
