/** Changes parameters by their gradients. All arrays are flat and of one length. */
export interface Optimizer {
  /** Moves `parameters` one step, in place. `gradients` are multiplied by `gradientScale` first (clipping). */
  step(options: OptimizerStep): void;
  /** What a checkpoint must keep, by name: arrays as long as the parameters. The arrays are live, not copies. */
  readonly moments: Readonly<Record<string, Float32Array>>;
}

export interface OptimizerStep {
  readonly parameters: Float32Array;
  readonly gradients: Float32Array;
  readonly learningRate: number;
  readonly gradientScale: number;
  /** 1 at the first step. */
  readonly step: number;
}
