import type { Batch } from "../data/batch.js";
import {
  createSession,
  type Feeds,
  float32,
  floats,
  integers,
  type Session,
  scalar,
  type Tensor,
} from "../onnx/runtime.js";
import { stack } from "../onnx/stacked.js";
import type { OptimizerGraph } from "../optimizers/optimizer-graph.js";
import { requireFinite } from "./divergence-error.js";
import { DropoutMasks } from "./dropout-masks.js";
import type { StepResult, Steps, TrainStepOptions } from "./train-step.js";

export interface SeveralStepsOptions extends TrainStepOptions {
  readonly optimizerGraph: OptimizerGraph;
  readonly most: number;
}

/**
 * Several steps of training in one run of the graph, the optimizer's part included: parameters and moments go in before the
 * first and come out after the last.
 */
export class SeveralSteps implements Steps {
  readonly most: number;
  private readonly masks: DropoutMasks;
  /** Parameters and moments, and where a run writes the next ones. */
  private readonly state: readonly { readonly now: Float32Array; readonly next: Float32Array }[];
  private readonly feeds: Feeds;
  private readonly fetches: Record<string, Tensor>;

  static async create(options: SeveralStepsOptions): Promise<SeveralSteps> {
    const { graph, optimizerGraph, clipNorm } = options;
    const model = graph.severalSteps({ optimizer: optimizerGraph, clipNorm });
    return new SeveralSteps(await createSession(model, options), options);
  }

  private constructor(
    private readonly session: Session,
    private readonly options: SeveralStepsOptions,
  ) {
    const { layout, graph, seed, parameters, optimizer, optimizerGraph, carried } = options;
    this.most = options.most;
    this.masks = new DropoutMasks(graph.dropouts, seed);
    const arrays = [parameters, ...optimizerGraph.moments.map((m) => optimizer.moments[m]!)];
    const prefixes = ["", ...optimizerGraph.moments.map((m) => `${m}.`)];
    this.state = arrays.map((now) => ({ now, next: new Float32Array(now.length) }));
    this.feeds = Object.assign({}, ...this.state.map(({ now }, k) => layout.tensors(now, prefixes[k])));
    const next = this.state.map(({ next }, k) => layout.tensors(next, `next.${prefixes[k]}`));
    this.fetches = Object.assign({}, ...next, carried.fetches);
  }

  async run(
    batches: readonly Batch[],
    { step, learningRates }: { step: number; learningRates: readonly number[] },
  ): Promise<StepResult[]> {
    const count = batches.length;
    const perStep = { loss: floatsOf(count), nll: floatsOf(count), norm: floatsOf(count) };
    const { carried } = this.options;
    const feeds = { ...this.feeds, ...carried.feeds(batches[0]!), ...this.feedsOf(batches, { step, learningRates }) };
    await this.session.run(feeds, { ...this.fetches, ...perStep });
    const [loss, nll, norm] = [floats(perStep.loss), floats(perStep.nll), floats(perStep.norm)];
    for (let k = 0; k < count; k++) {
      const at = { step: step + k, learningRate: learningRates[k]! };
      requireFinite({ loss: loss[k]!, "norm of the gradients": norm[k]! }, at);
    }
    for (const { now, next } of this.state) now.set(next);
    carried.advance();
    return batches.map((_, k) => ({ loss: loss[k]!, nll: nll[k]!, gradientNorm: norm[k]! }));
  }

  private feedsOf(
    batches: readonly Batch[],
    { step, learningRates }: { step: number; learningRates: readonly number[] },
  ): Feeds {
    const inputs = batches.map((batch): Feeds => ({ ...batch.feeds, loss_scale: scalar(1 / batch.targetTokens) }));
    const masks = this.masks.drawStacked(batches.map(({ sizes }, k) => ({ step: step + k, sizes })));
    const factors = learningRates.map((learningRate, k) =>
      this.options.optimizerGraph.factors({ step: step + k, learningRate }),
    );
    const stacks = Object.keys(inputs[0]!).map((name) =>
      stack(
        name,
        inputs.map((i) => i[name]!),
      ),
    );
    return Object.assign(
      {
        ...masks,
        steps: integers([batches.length], []),
        factors: float32(Float32Array.from(factors.flat()), [batches.length, factors[0]!.length]),
      },
      ...stacks,
    );
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

function floatsOf(count: number): Tensor {
  return float32(new Float32Array(count), [count]);
}
