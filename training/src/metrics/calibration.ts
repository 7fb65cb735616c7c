export interface LogisticFit {
  readonly bias: number;
  readonly weights: readonly number[];
}

/** In the units of the Hessian, per row: keeps a feature that never changes at 0. */
const RIDGE = 1e-3;
const ITERATIONS = 30;

/** What a feature may speak for: 1 never against what is predicted, −1 never for it, 0 either. */
export type Sign = 1 | 0 | -1;

/**
 * Logistic regression on targets from 0 to 1 (Papke and Wooldridge 1996), by Newton's method on standardized features. A
 * feature whose weight would have the wrong sign is left out, the worst of them first: it only made up for another on
 * these rows, and on rows unlike them it would say the opposite of what it means.
 * @param rows [row][feature]
 * @param signs of each feature; all 0 when absent
 */
export function fitLogistic(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  signs: readonly Sign[] = [],
): LogisticFit {
  const leftOut = new Set<number>();
  for (;;) {
    const { fit, standardWeights } = fitWithout(leftOut, rows, targets);
    const wrong = standardWeights.map((w, f) => w * (signs[f] ?? 0));
    const worst = Math.min(...wrong);
    if (!(worst < 0)) return fit;
    leftOut.add(wrong.indexOf(worst));
  }
}

function fitWithout(leftOut: ReadonlySet<number>, rows: readonly (readonly number[])[], targets: readonly number[]) {
  const columns = rows[0]!.map((_, f) => rows.map((row) => row[f]!));
  const means = columns.map(mean);
  const spreads = columns.map((column, f) => Math.sqrt(mean(column.map((x) => (x - means[f]!) ** 2))) || 1);
  const standard = rows.map((row) => [1, ...row.map((x, f) => (leftOut.has(f) ? 0 : (x - means[f]!) / spreads[f]!))]);
  let w = new Array<number>(columns.length + 1).fill(0);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const step = newtonStep(standard, targets, w);
    w = w.map((x, k) => x + step[k]!);
  }
  const standardWeights = w.slice(1).map((x, f) => (leftOut.has(f) ? 0 : x));
  const weights = standardWeights.map((x, f) => x / spreads[f]!);
  return { fit: { bias: w[0]! - weights.reduce((sum, x, f) => sum + x * means[f]!, 0), weights }, standardWeights };
}

export function predictLogistic({ bias, weights }: LogisticFit, row: readonly number[]): number {
  return sigmoid(weights.reduce((sum, w, f) => sum + w * row[f]!, bias));
}

/** For each row the prediction of a fit that has seen the other folds only; rows k, k + folds, … are one fold. */
export function crossFitted(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  { folds, signs }: { folds: number; signs?: readonly Sign[] },
): number[] {
  const predicted = new Array<number>(rows.length);
  for (let fold = 0; fold < folds; fold++) {
    const others = [...rows.keys()].filter((k) => k % folds !== fold);
    const fit = fitLogistic(
      others.map((k) => rows[k]!),
      others.map((k) => targets[k]!),
      signs,
    );
    for (let k = fold; k < rows.length; k += folds) predicted[k] = predictLogistic(fit, rows[k]!);
  }
  return predicted;
}

export interface Reliability {
  /** As many rows each, by what was expected. */
  readonly bins: readonly { readonly expected: number; readonly found: number; readonly rows: number }[];
  /** Expected calibration error: Σ rows in the bin ÷ rows · |expected − found| (Naeini et al. 2015). */
  readonly error: number;
}

export function reliability(
  expected: readonly number[],
  found: readonly number[],
  { bins: count }: { bins: number },
): Reliability {
  const order = [...expected.keys()].sort((a, b) => expected[a]! - expected[b]!);
  const bins = Array.from({ length: count }, (_, bin) => {
    const members = order.slice(
      Math.round((bin * order.length) / count),
      Math.round(((bin + 1) * order.length) / count),
    );
    const meanOf = (values: readonly number[]) => mean(members.map((k) => values[k]!));
    return { expected: meanOf(expected), found: meanOf(found), rows: members.length };
  }).filter((bin) => bin.rows > 0);
  const error = bins.reduce((sum, b) => sum + (b.rows / order.length) * Math.abs(b.expected - b.found), 0);
  return { bins, error };
}

/** The solution of (Xᵀ W X + λ I) δ = Xᵀ (y − p) − λ w; the bias, column 0, is not penalized. */
function newtonStep(rows: readonly (readonly number[])[], targets: readonly number[], w: readonly number[]): number[] {
  const size = w.length;
  const ridge = (k: number) => (k === 0 ? 0 : RIDGE * rows.length);
  const hessian = Array.from({ length: size }, (_, k) =>
    Array.from({ length: size }, (_, l) => (k === l ? ridge(k) : 0)),
  );
  const gradient = w.map((x, k) => -ridge(k) * x);
  rows.forEach((row, n) => {
    const p = sigmoid(row.reduce((sum, x, k) => sum + x * w[k]!, 0));
    for (let k = 0; k < size; k++) {
      gradient[k]! += row[k]! * (targets[n]! - p);
      for (let l = 0; l < size; l++) hessian[k]![l]! += row[k]! * row[l]! * p * (1 - p);
    }
  });
  return solve(hessian, gradient);
}

/** Gauss-Jordan elimination with pivoting. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, k) => [...row, right[k]!]);
  for (let column = 0; column < rows.length; column++) {
    const below = rows.slice(column).map((row) => Math.abs(row[column]!));
    const pivot = column + below.indexOf(Math.max(...below));
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const own = rows[column]!;
    for (const row of rows) {
      if (row === own) continue;
      const factor = row[column]! / own[column]!;
      for (let k = column; k <= rows.length; k++) row[k]! -= factor * own[k]!;
    }
  }
  return rows.map((row, k) => row[rows.length]! / row[k]!);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
}
