import type { Graph } from "../onnx/graph.js";
import type { Dim, Shape, Value } from "../onnx/value.js";
import type { Weights } from "./weights.js";

/** Where units are dropped: embedded tokens, what passes between layers, and what the output projection reads. */
export type Place = "input" | "hidden" | "output";

/** Probabilities of dropping, by what is dropped. */
export interface DropoutRates extends Readonly<Record<Place, number>> {
  /** Whole words of the vocabulary (Gal & Ghahramani 2016). */
  readonly embedding: number;
  /** Weights from state to state, the same for all steps (DropConnect: Wan et al. 2013, Merity et al. 2018). */
  readonly recurrent: number;
  /**
   * step: each step draws its own mask (Zaremba et al. 2014). sequence: one mask for all steps of a sequence (variational
   * dropout, Gal & Ghahramani 2016).
   */
  readonly mask: "step" | "sequence";
}

/** As a recipe has it: one rate for all units, or rates by place. */
export type DropoutSetting = number | { readonly [K in keyof DropoutRates]?: DropoutRates[K] | undefined };

export function dropoutRates(setting: DropoutSetting): DropoutRates {
  const none = { input: 0, hidden: 0, output: 0, embedding: 0, recurrent: 0, mask: "step" } as const;
  if (typeof setting === "number") return { ...none, input: setting, hidden: setting, output: setting };
  const given = Object.fromEntries(Object.entries(setting).filter(([, value]) => value !== undefined));
  return { ...none, ...given };
}

/**
 * Inverted dropout (Srivastava et al. 2014). The masks (0 or 1/(1 − rate)) are inputs of the graph, so that a seed alone
 * decides them and a resumed training draws the same.
 */
export interface Dropout {
  /** The mask for a value of this shape, which may be 1 along time; undefined where nothing is dropped. */
  mask(shape: Shape, at: { name: string; place: Place | "embedding" | "recurrent" }): Value | undefined;
  /** x [time, batch, …] with units dropped. */
  apply(x: Value, name: string, place?: Place): Value;
  /** The same weights, of those from state to state (U, and V of a GRU) some dropped. */
  weights(w: Weights): Weights;
  /** The same rates with one mask for all steps. */
  readonly perSequence: Dropout;
}

export interface DropoutMask {
  readonly input: string;
  readonly rate: number;
  readonly shape: readonly Dim[];
}

export const noDropout: Dropout = {
  mask: () => undefined,
  apply: (x) => x,
  weights: (w) => w,
  get perSequence() {
    return noDropout;
  },
};

/** Dropout in a training graph; `masks` gathers what the trainer has to draw. */
export function dropoutInto(g: Graph, rates: DropoutRates, masks: DropoutMask[]): Dropout {
  const dropout: Dropout = {
    mask(shape, { name, place }) {
      const rate = rates[place];
      if (rate === 0) return undefined;
      const input = `dropout.${name}`;
      const overTime = place !== "embedding" && place !== "recurrent";
      const drawn = overTime && rates.mask === "sequence" ? [1, ...shape.slice(1)] : shape;
      masks.push({ input, rate, shape: drawn });
      return g.input(input, "float32", drawn);
    },
    apply(x, name, place = "hidden") {
      const mask = dropout.mask(x.shape, { name, place });
      return mask ? g.mul(x, mask) : x;
    },
    weights: (w) => ({
      get(name, shape, initialize) {
        const weight = w.get(name, shape, initialize);
        const mask = /\.[UV]$/.test(name) ? dropout.mask(shape, { name, place: "recurrent" }) : undefined;
        return mask ? g.mul(weight, mask) : weight;
      },
    }),
    get perSequence() {
      return rates.mask === "sequence" ? dropout : dropoutInto(g, { ...rates, mask: "sequence" }, masks);
    },
  };
  return dropout;
}
