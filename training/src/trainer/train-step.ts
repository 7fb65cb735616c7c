import type { Batch } from "../data/batch.js";
import { createSession, type Device, type Feeds, type Session, scalar, type Tensor } from "../onnx/runtime.js";
import { clippingScale, globalNorm } from "../optimizers/clipping.js";
import type { Optimizer } from "../optimizers/optimizer.js";
import type { CarriedState } from "./carried-state.js";
import { requireFinite } from "./divergence-error.js";
import { DropoutMasks } from "./dropout-masks.js";
import type { ParameterLayout } from "./parameters.js";
import type { TrainGraph } from "./train-graph.js";

export interface StepResult {
  /** What is minimized: smoothed cross-entropy a target token, nats. */
  readonly loss: number;
  /** Sum of −ln p over target tokens. */
  readonly nll: number;
  /** Before clipping. */
  readonly gradientNorm: number;
}

export interface TrainStepOptions {
  readonly graph: TrainGraph;
  readonly layout: ParameterLayout;
  /** Flat; changed in place by every step. */
  readonly parameters: Float32Array;
  readonly optimizer: Optimizer;
  /** What the model carries from batch to batch; changed in place by every step. */
  readonly carried: CarriedState;
  readonly clipNorm: number;
  readonly seed: number;
  readonly threads?: number | undefined;
  readonly device?: Device | undefined;
}

/** Moves the parameters by batches. */
export interface Steps {
  /** Most batches that a run may have. */
  readonly most: number;
  /**
   * Makes a step on each batch.
   * @param options.step of the first batch
   * @param options.learningRates of each
   * @throws DivergenceError when a loss or a gradient is not a finite number; the parameters are then unchanged
   */
  run(
    batches: readonly Batch[],
    options: { readonly step: number; readonly learningRates: readonly number[] },
  ): Promise<StepResult[]>;
  release(): Promise<void>;
}

/** One step of training: forward, backward, clip, move the parameters. */
export class TrainStep implements Steps {
  readonly most = 1;
  private readonly gradients: Float32Array;
  private readonly weights: Feeds;
  private readonly fetches: Record<string, Tensor>;
  private readonly masks: DropoutMasks;

  static async create(options: TrainStepOptions): Promise<TrainStep> {
    return new TrainStep(await createSession(options.graph.model, options), options);
  }

  private constructor(
    private readonly session: Session,
    private readonly options: TrainStepOptions,
  ) {
    const { layout, graph, seed, parameters, carried } = options;
    this.gradients = new Float32Array(layout.size);
    this.weights = layout.tensors(parameters);
    this.fetches = { loss: scalar(0), nll: scalar(0), ...layout.tensors(this.gradients, "grad."), ...carried.fetches };
    this.masks = new DropoutMasks(graph.dropouts, seed);
  }

  async run(
    [batch]: readonly Batch[],
    { step, learningRates }: { step: number; learningRates: readonly number[] },
  ): Promise<StepResult[]> {
    return [await this.one(batch!, { step, learningRate: learningRates[0]! })];
  }

  private async one(batch: Batch, { step, learningRate }: { step: number; learningRate: number }): Promise<StepResult> {
    const { optimizer, parameters, clipNorm, carried } = this.options;
    const masks = this.masks.draw({ step, sizes: batch.sizes });
    const lossScale = scalar(1 / batch.targetTokens);
    const feeds = { ...this.weights, ...batch.feeds, ...carried.feeds(batch), ...masks, loss_scale: lossScale };
    await this.session.run(feeds, this.fetches);
    const [loss, nll] = [numberIn(this.fetches.loss!), numberIn(this.fetches.nll!)];
    const gradientNorm = globalNorm(this.gradients);
    requireFinite({ loss, "norm of the gradients": gradientNorm }, { step, learningRate });
    const gradientScale = clippingScale(gradientNorm, clipNorm);
    carried.advance();
    optimizer.step({ parameters, gradients: this.gradients, learningRate, gradientScale, step });
    return { loss, nll, gradientNorm };
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

function numberIn(tensor: Tensor): number {
  return Number(tensor.data[0]);
}
