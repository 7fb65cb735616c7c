import type { Graph } from "../onnx/graph.js";
import type { Shape, Value } from "../onnx/value.js";
import type { Affine } from "./affine.js";
import type { OperatorInput, OperatorOutput } from "./cell.js";

/** The recurrent operators of the ONNX standard. Their weights are [1, gates · hidden, …]: ours, transposed. */
interface OperatorWeights extends Affine {
  readonly hidden: number;
}

type Operator = (g: Graph, sequence: OperatorInput) => OperatorOutput;

/** RNN, with tanh. */
export function rnnOperator(weights: OperatorWeights): Operator {
  return (g, sequence) => {
    const [y, h] = apply(g, "RNN", { sequence, weights, states: 1 });
    return { outputs: g.squeeze(y!, 1), states: [g.squeeze(h!, 0)] };
  };
}

/** LSTM. Gates in the standard's order i, o, f, c; ours are i, f, o, g. */
export function lstmOperator(weights: OperatorWeights & { peepholes?: readonly [Value, Value, Value] }): Operator {
  const { W, U, bias, hidden } = weights;
  return (g, sequence) => {
    const reordered = {
      hidden,
      W: inOrder(g, W, hidden),
      U: inOrder(g, U, hidden),
      bias: inOrder(g, bias, hidden),
    };
    const peepholes = weights.peepholes && inStandardOrder(g, weights.peepholes);
    const [y, h, c] = apply(g, "LSTM", { sequence, weights: reordered, states: 2, peepholes });
    return { outputs: g.squeeze(y!, 1), states: [g.squeeze(h!, 0), g.squeeze(c!, 0)] };
  };
}

/** GRU with linear_before_reset = 0, the reset gate before the product. Gates in the order z, r, h. */
export function gruOperator(weights: OperatorWeights & { V: Value }): Operator {
  return (g, sequence) => {
    const U = g.concat([weights.U, weights.V], -1);
    const [y, h] = apply(g, "GRU", { sequence, weights: { ...weights, U }, states: 1 });
    return { outputs: g.squeeze(y!, 1), states: [g.squeeze(h!, 0)] };
  };
}

function inOrder(g: Graph, x: Value, hidden: number): Value {
  const [i, f, o, c] = g.split(x, [hidden, hidden, hidden, hidden], -1);
  return g.concat([i!, o!, f!, c!], -1);
}

/** p for i, f, o → [1, 3·hidden] for i, o, f. */
function inStandardOrder(g: Graph, [i, f, o]: readonly [Value, Value, Value]): Value {
  return g.unsqueeze(g.concat([i, o, f], -1), 0);
}

interface Application {
  readonly sequence: OperatorInput;
  readonly weights: OperatorWeights;
  readonly states: number;
  readonly peepholes?: Value | undefined;
}

/** Y [time, 1, batch, hidden], and the last states [1, batch, hidden]. The standard's second bias is zero. */
function apply(g: Graph, op: string, { sequence, weights, states, peepholes }: Application): Value[] {
  const { x, lengths, reverse } = sequence;
  const { W, U, bias, hidden } = weights;
  const zeros = g.constant(new Array<number>(bias.shape[0] as number).fill(0), bias.dtype, bias.shape);
  const [time, batch] = [x.shape[0]!, x.shape[1]!];
  const inputs = [
    x,
    g.unsqueeze(g.transpose(W, [1, 0]), 0),
    g.unsqueeze(g.transpose(U, [1, 0]), 0),
    g.unsqueeze(g.concat([bias, zeros], 0), 0),
    g.cast(lengths, "int32"),
    ...(peepholes ? [undefined, undefined, peepholes] : []),
  ];
  const state: Shape = [1, batch, hidden];
  const shapes: Shape[] = [[time, 1, batch, hidden], ...Array.from({ length: states }, () => state)];
  return g.apply(
    op,
    inputs,
    { hidden_size: hidden, direction: reverse === 1 ? "reverse" : "forward" },
    shapes.map((shape) => ({ dtype: x.dtype, shape })),
  );
}
