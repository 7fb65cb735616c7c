import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/** A sequence written in rows of one length, as text on a page; the places after its end are zero and masked. */
export interface Folded {
  /** [rows, batch, rowLength, width] */
  readonly rows: Value;
  /** bool [rows, batch, rowLength, 1] */
  readonly mask: Value;
}

/** x [time, batch, width], mask bool [time, batch, 1] → rows. */
export function fold(g: Graph, { x, mask, rowLength }: { x: Value; mask: Value; rowLength: number }): Folded {
  const time = g.sizeOf(x, 0);
  const rows = g.div(g.add(time, rowLength - 1), rowLength);
  const place = g.range(g.mul(rows, rowLength), "places");
  const inside = g.less(place, time); // [places]
  const index = g.where(inside, place, g.sub(time, 1)); // the last step again, after the end
  const inRows = (v: Value) => {
    const [, batch, width] = v.shape;
    const page = g.reshapeTo(v, [rows, rowLength, g.sizeOf(v, 1), g.sizeOf(v, 2)], ["rows", rowLength, batch!, width!]);
    return g.transpose(page, [0, 2, 1, 3]);
  };
  const real = g.and(g.gather(mask, index), g.unsqueeze(g.unsqueeze(inside, 1), 2));
  // a convolution sees its neighbours: what a batch pads a sentence with must not reach it
  return { rows: inRows(g.where(real, g.gather(x, index), g.float(0))), mask: inRows(real) };
}

/** rows [rows, batch, rowLength, width] → the first steps, as many as `like` [time, …] has: [time, batch, width]. */
export function unfold(g: Graph, rows: Value, like: Value): Value {
  const [, batch, , width] = rows.shape;
  const steps = g.transpose(rows, [0, 2, 1, 3]); // [rows, rowLength, batch, width]
  const places = g.reshapeTo(steps, [-1, g.sizeOf(steps, 2), g.sizeOf(steps, 3)], ["places", batch!, width!]);
  return g.gather(places, g.range(g.sizeOf(like, 0), like.shape[0]!));
}
