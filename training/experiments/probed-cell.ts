import type { Cell } from "@carousel/training/cells/cell";
import type { Value } from "@carousel/training/onnx/value";

/**
 * A cell to whose states a probe is added after every step. With probes of zero it computes what the cell computes, and
 * ∂loss/∂probe at a step is ∂loss/∂(state after that step), through all that follows.
 */
export interface ProbedCell {
  readonly cell: Cell;
  /** Graph input `probes` [time, batch, states · hidden], known once the cell has been applied; states side by side. */
  probes(): Value;
}

export function probed(inner: Cell): ProbedCell {
  let probes: Value | undefined;
  const cell: Cell = {
    states: inner.states,
    gates: inner.gates + inner.states.length,
    build(w, sizes) {
      const built = inner.build(w, sizes);
      const widths = [inner.gates * sizes.hidden, ...inner.states.map(() => sizes.hidden)];
      return {
        project(g, x) {
          const [time, batch] = x.shape;
          probes = g.input("probes", "float32", [time!, batch!, inner.states.length * sizes.hidden]);
          return g.concat([built.project(g, x), probes], -1);
        },
        step(g, projected, state) {
          const [own, ...added] = g.split(projected, widths, -1);
          return built.step(g, own!, state).map((s, k) => g.add(s, added[k]!));
        },
      };
    },
  };
  return {
    cell,
    probes() {
      if (!probes) throw new Error("the probed cell has not been applied to a sequence");
      return probes;
    },
  };
}
