import type { Cell } from "../cells/cell.js";
import { scan } from "../onnx/control-flow.js";
import type { Graph } from "../onnx/graph.js";
import { ShapeError } from "../onnx/shapes.js";
import { describe, type Value } from "../onnx/value.js";
import { type Dropout, noDropout } from "./dropout.js";
import type { Weights } from "./weights.js";

export interface RecurrentOptions {
  readonly w: Weights;
  readonly name: string;
  readonly cell: Cell;
  readonly hidden: number;
  /** bool [time, batch, 1]: false where a sequence has ended; its state stays as it was. */
  readonly mask?: Value;
  /** int64 [batch]. Says what the mask says, for inference: a cell that has one is then run by its standard operator. */
  readonly lengths?: Value;
  readonly reverse?: 0 | 1;
  /** [batch, hidden] each; zeros when absent. */
  readonly initial?: readonly Value[];
  readonly dropout?: Dropout;
}

/** One recurrent layer over x [time, batch, …space, input]: all h [time, batch, …space, hidden], and the last state. */
export function recurrent(g: Graph, x: Value, options: RecurrentOptions): { outputs: Value; states: Value[] } {
  const { w, name, cell, hidden, mask } = options;
  const axes = 3 + (cell.space ?? 0);
  if (x.shape.length !== axes) throw new ShapeError(`${name}: the cell reads ${axes} axes, not ${describe(x)}`);
  const weights = (options.dropout ?? noDropout).weights(w);
  const built = cell.build(weights, { name, input: x.shape.at(-1) as number, hidden });
  const reverse = options.reverse ?? 0;
  if (options.lengths && built.operator) return built.operator(g, { x, lengths: options.lengths, reverse });
  const initial = options.initial ?? zeroStates(g, x, cell, hidden);
  const { states, outputs } = scan(g, {
    states: initial,
    scanned: mask ? [built.project(g, x), mask] : [built.project(g, x)],
    reverse,
    body(b, state, [projected, alive]) {
      const stepped = built.step(b, projected!, state);
      const next = alive ? stepped.map((s, k) => b.where(alive, s, state[k]!)) : stepped;
      return { states: next, outputs: [next[0]!] };
    },
  });
  return { outputs: outputs[0]!, states };
}

function zeroStates(g: Graph, x: Value, cell: Cell, hidden: number): Value[] {
  const space = x.shape.slice(2, -1) as number[];
  const zero = g.cast(g.zeros([g.sizeOf(x, 1), ...space, hidden], [x.shape[1]!, ...space, hidden]), x.dtype);
  return cell.states.map(() => zero);
}

export interface StackOptions extends Omit<RecurrentOptions, "initial"> {
  readonly layers: number;
  readonly direction: "forward" | "bidirectional";
  /** First states of every layer of a forward stack; zeros when absent. */
  readonly initials?: readonly (readonly Value[])[] | undefined;
}

/**
 * A stack of recurrent layers, dropout between them. Bidirectional layers put both directions side by side:
 * outputs [time, batch, 2·hidden], and states are those of the top layer, forward and backward side by side; `layers` are
 * the last states of every layer.
 */
export function recurrentStack(
  g: Graph,
  x: Value,
  options: StackOptions,
): { outputs: Value; states: Value[]; layers: Value[][] } {
  const { initials, ...common } = options;
  let below = x;
  const layers: Value[][] = [];
  for (let layer = 0; layer < options.layers; layer++) {
    const name = `${options.name}.${layer}`;
    const input = layer === 0 || !options.dropout ? below : options.dropout.apply(below, name);
    const initial = initials?.[layer];
    const forward = recurrent(g, input, { ...common, name: `${name}.forward`, ...(initial ? { initial } : {}) });
    if (options.direction === "forward") {
      below = forward.outputs;
      layers.push(forward.states);
      continue;
    }
    const backward = recurrent(g, input, { ...common, name: `${name}.backward`, reverse: 1 });
    below = g.concat([forward.outputs, backward.outputs], -1);
    layers.push(forward.states.map((s, k) => g.concat([s, backward.states[k]!], -1)));
  }
  return { outputs: below, states: layers.at(-1) ?? [], layers };
}
