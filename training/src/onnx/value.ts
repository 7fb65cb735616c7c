import type { GraphParts } from "./graph-parts.js";

export type DType = "float32" | "int64" | "int32" | "bool" | "float16" | "uint8";

/** A number, or the name of a size known only when the graph runs; equal names are equal sizes. */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** One tensor of a graph: made by a node, an input, or an initializer. */
export interface Value {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** The graph it was made in; a body may use the values of the graphs around it. */
  readonly graph: GraphParts;
}

export type Attribute = number | string | readonly number[] | { readonly float: number } | GraphParts;

export interface Node {
  readonly op: string;
  /** An empty slot is an optional input left out. */
  inputs: (Value | undefined)[];
  readonly outputs: Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export function describe(value: Value): string {
  return `${value.name} ${value.dtype}[${value.shape.join(", ")}]`;
}
