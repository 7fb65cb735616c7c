import { BATCH_SYMBOLS } from "../data/batch.js";
import { loop } from "../onnx/control-flow.js";
import { Graph } from "../onnx/graph.js";
import { serialize } from "../onnx/serialize.js";
import { takeStacked } from "../onnx/stacked.js";
import type { Value } from "../onnx/value.js";
import type { OptimizerGraph } from "../optimizers/optimizer-graph.js";
import type { ParameterSpec, StateSpec } from "../trainer/train-graph.js";

export interface SeveralStepsOptions {
  readonly parameters: readonly ParameterSpec[];
  /** Carried from each batch to the next. */
  readonly states: readonly StateSpec[];
  readonly optimizer: OptimizerGraph;
  readonly clipNorm: number;
  /** Builds a step into a loop's body: the scaled loss, the negative log-likelihood, gradients by parameter, states. */
  readonly step: (body: Graph) => {
    readonly loss: Value;
    readonly nll: Value;
    readonly gradients: ReadonlyMap<string, Value>;
    readonly carried: readonly { readonly name: string; readonly next: Value }[];
  };
}

/**
 * An ONNX model that makes several steps of training in one run: a loop that carries the parameters and the optimizer's
 * moments, so that they stay where the arithmetic is done (a GPU's memory) from the first step to the last. The steps are
 * those of the graph for one step, batches keep their own sizes.
 *
 * Inputs: `steps` int64 []; every parameter and state by its name, every moment as `<moment>.<parameter>`; `factors` float32
 * [steps, n], the optimizer's; all other inputs of one step as `stack` lays them out.
 * Outputs: `next.<parameter>`, `next.<moment>.<parameter>`, `next.<state>`, and per step `loss`, `nll` and `norm` (of the gradients before
 * clipping), each float32 [steps].
 */
export function severalSteps({ parameters, states, optimizer, clipNorm, step }: SeveralStepsOptions): Uint8Array {
  const g = new Graph();
  const trained = ["", ...optimizer.moments.map((m) => `${m}.`)].flatMap((of) =>
    parameters.map(({ name, shape }) => ({ name: of + name, shape })),
  );
  const specs = [...trained, ...states];
  const names = specs.map(({ name }) => name);
  const carried = specs.map(({ name, shape }) => g.input(name, "float32", shape));
  const width = optimizer.factors({ step: 1, learningRate: 1 }).length;
  const allFactors = g.input("factors", "float32", ["steps", width]);
  const { carried: last, outputs } = loop(g, {
    tripCount: g.input("steps", "int64", []),
    steps: "steps",
    carried,
    body(body, iteration, values) {
      const known = new Map(names.map((name, k) => [name, values[k]!]));
      body.redirectInputs((input) => {
        const value = known.get(input.name) ?? takeStacked({ outer: g, body, iteration }, input);
        known.set(input.name, value);
        return value;
      });
      const { loss, nll, gradients, carried: after } = step(body);
      const norm = globalNorm(body, [...gradients.values()]);
      const scale = body.where(body.greater(norm, clipNorm), body.div(body.float(clipNorm), norm), body.float(1));
      const factors = body.split(body.gather(allFactors, iteration), Array(width).fill(1), 0);
      const updates = parameters.map(({ name }) =>
        optimizer.update(body, {
          parameter: known.get(name)!,
          gradient: gradients.get(name)!,
          scale,
          moments: optimizer.moments.map((m) => known.get(`${m}.${name}`)!),
          factors,
        }),
      );
      const moments = optimizer.moments.flatMap((_, k) => updates.map((u) => u.moments[k]!));
      const state = after.map(({ next }) => next);
      return { carried: [...updates.map((u) => u.parameter), ...moments, ...state], outputs: [loss, nll, norm] };
    },
  });
  names.forEach((name, k) => void g.output(last[k]!, `next.${name}`));
  ["loss", "nll", "norm"].forEach((name, k) => void g.output(outputs[k]!, name));
  return serialize(g, { sizes: BATCH_SYMBOLS });
}

/** The Euclidean norm of all gradients together: a scalar. */
function globalNorm(g: Graph, gradients: readonly Value[]): Value {
  const squares = gradients.map((x) => g.sumAll(g.mul(x, x)));
  return g.sqrt(squares.reduce((sum, x) => g.add(sum, x)));
}
