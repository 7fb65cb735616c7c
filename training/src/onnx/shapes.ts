import type { Dim, Shape, Value } from "./value.js";
import { describe } from "./value.js";

/** A shape that does not fit the operator it was given to. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** The shape of an elementwise operator's result, by NumPy's rules of broadcasting. */
export function broadcast(op: string, a: Value, b: Value): Shape {
  const rank = Math.max(a.shape.length, b.shape.length);
  return Array.from({ length: rank }, (_, k) => {
    const x = a.shape[a.shape.length - rank + k] ?? 1;
    const y = b.shape[b.shape.length - rank + k] ?? 1;
    if (x === 1) return y;
    if (y === 1 || x === y) return x;
    throw new ShapeError(`${op}: ${describe(a)} and ${describe(b)} do not broadcast`);
  });
}

/** [..., m, k] × [..., k, n] → [..., m, n], with what stands before broadcast. */
export function matmulShape(a: Value, b: Value): Shape {
  const [m, k] = a.shape.slice(-2);
  const [k2, n] = b.shape.slice(-2);
  if (a.shape.length < 2 || b.shape.length < 2 || k !== k2) {
    throw new ShapeError(`MatMul: ${describe(a)} does not multiply ${describe(b)}`);
  }
  const lead = (x: Value): Value => ({ ...x, shape: x.shape.slice(0, -2) });
  return [...broadcast("MatMul", lead(a), lead(b)), m!, n!];
}

export function normalizeAxis(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (positive < 0 || positive >= rank) throw new ShapeError(`axis ${axis} is outside a rank of ${rank}`);
  return positive;
}

export function addDims(dims: readonly Dim[]): Dim {
  const names = dims.filter((d) => typeof d === "string");
  const rest = dims.reduce<number>((sum, d) => (typeof d === "number" ? sum + d : sum), 0);
  return names.length === 0 ? rest : [...names, ...(rest === 0 ? [] : [rest])].join("+");
}

export function multiplyDims(dims: readonly Dim[]): Dim {
  if (dims.every((d) => typeof d === "number")) return (dims as number[]).reduce((a, b) => a * b, 1);
  return dims.filter((d) => d !== 1).join("*");
}
