import { adam } from "../optimizers/adam.js";
import type { Optimizer } from "../optimizers/optimizer.js";
import { Random } from "../random.js";

/**
 * How good parameters are; higher is better, NaN is worst. No gradient is asked for, so it may be a reward, a count, or
 * anything else. Within a generation it should put all candidates to the same test.
 * @param candidate flat, as long as the parameters; valid until it returns
 */
export type Fitness = (candidate: Float32Array, generation: number) => number | Promise<number>;

export interface EvolutionOptions {
  readonly fitness: Fitness;
  /** Directions a generation; each is tried both ways. */
  readonly pairs: number;
  /** Standard deviation of the noise on every parameter. */
  readonly sigma: number;
  readonly learningRate: number;
  /** Adam when absent; as long as the parameters. */
  readonly optimizer?: Optimizer;
  readonly seed: number;
}

/** The fitness of one generation's candidates. */
export interface Generation {
  /** The first is 1. */
  readonly generation: number;
  readonly mean: number;
  readonly best: number;
}

/**
 * Evolution strategies (Salimans et al. 2017): training without a gradient. The candidates of a generation are θ + σε and
 * θ − σε (antithetic pairs, Geweke 1988) for normal ε; what is climbed is the mean fitness of such candidates, whose
 * gradient is E[F(θ + σε)·ε] / σ. Fitness counts by its rank alone, so that neither its scale nor an outlier matters.
 * Noise is never stored: ε follows from seed, generation and pair, and is drawn again where it is needed; one array as long
 * as the parameters is all that a candidate takes, and a worker elsewhere would only need to send back numbers.
 */
export class EvolutionStrategy {
  private readonly optimizer: Optimizer;
  private readonly candidate: Float32Array;
  private readonly slopes: Float32Array;

  /** @param parameters flat; moved in place by every generation */
  constructor(
    readonly parameters: Float32Array,
    private readonly options: EvolutionOptions,
  ) {
    this.optimizer = options.optimizer ?? adam(parameters.length);
    this.candidate = new Float32Array(parameters.length);
    this.slopes = new Float32Array(parameters.length);
  }

  /** One generation: tries the candidates, and moves the parameters towards those that did well. The first is 1. */
  async step(generation: number): Promise<Generation> {
    const { pairs, learningRate } = this.options;
    const fitness: number[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      for (const sign of [1, -1]) fitness.push(await this.tried({ generation, pair, sign }));
    }
    this.estimate(centeredRanks(fitness), generation);
    const { parameters, slopes: gradients } = this;
    this.optimizer.step({ parameters, gradients, learningRate, gradientScale: 1, step: generation });
    const mean = fitness.reduce((sum, f) => sum + f, 0) / fitness.length;
    return { generation, mean, best: Math.max(...fitness) };
  }

  private async tried(which: { generation: number; pair: number; sign: number }): Promise<number> {
    const { fitness, sigma } = this.options;
    const { parameters, candidate } = this;
    const random = this.noise(which);
    for (let i = 0; i < candidate.length; i++) candidate[i] = parameters[i]! + which.sign * sigma * random.normal();
    return fitness(candidate, which.generation);
  }

  /** Minus the estimated gradient, which optimizers that go down climb by: Σ (u₊ − u₋)·ε / (2·pairs·σ). */
  private estimate(shaped: readonly number[], generation: number): void {
    const { pairs, sigma } = this.options;
    const { slopes } = this;
    slopes.fill(0);
    for (let pair = 0; pair < pairs; pair++) {
      const weight = (shaped[2 * pair]! - shaped[2 * pair + 1]!) / (2 * pairs * sigma);
      const random = this.noise({ generation, pair });
      for (let i = 0; i < slopes.length; i++) slopes[i]! -= weight * random.normal();
    }
  }

  private noise({ generation, pair }: { generation: number; pair: number }): Random {
    return new Random(this.options.seed, generation, pair);
  }
}

/** −½ for the worst to ½ for the best, evenly; equal values share the mean of their ranks, and NaN is worst. */
export function centeredRanks(values: readonly number[]): number[] {
  const known = values.map((v) => (Number.isNaN(v) ? Number.NEGATIVE_INFINITY : v));
  const ascending = known.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const rankOf = new Map<number, number>();
  for (let first = 0; first < ascending.length; ) {
    let past = first + 1;
    while (ascending[past] === ascending[first]) past++;
    rankOf.set(ascending[first]!, (first + past - 1) / 2);
    first = past;
  }
  return known.map((v) => rankOf.get(v)! / Math.max(1, values.length - 1) - 0.5);
}
