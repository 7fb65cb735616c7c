import type { Batch, Epoch } from "../data/batch.js";
import { createSession, type Feeds, int64s, type Session, type SessionOptions, scalar } from "../onnx/runtime.js";
import type { ParameterLayout } from "./parameters.js";
import type { TrainGraph } from "./train-graph.js";

export interface Evaluation {
  /** Cross-entropy a target token without smoothing, nats. */
  readonly loss: number;
  /** exp(loss) */
  readonly perplexity: number;
  /** Share of target tokens whose likeliest prediction was right. */
  readonly accuracy: number;
}

const MEASURES = ["nll", "accuracy"];

/** Measures a model on held-out batches, without dropout. */
export class Evaluator {
  static async create(graph: TrainGraph, options: { layout: ParameterLayout } & SessionOptions): Promise<Evaluator> {
    return new Evaluator(await createSession(graph.evaluation, options), options.layout);
  }

  private constructor(
    private readonly session: Session,
    private readonly layout: ParameterLayout,
  ) {}

  async evaluate(parameters: Float32Array, batches: Epoch): Promise<Evaluation> {
    const weights: Feeds = this.layout.tensors(parameters);
    let [nll, correct, tokens] = [0, 0, 0];
    for (let i = 0; i < batches.length; i++) {
      const batch = batches.batch(i);
      const outputs = await this.session.run({ ...weights, ...batch.feeds, loss_scale: scalar(1) }, MEASURES);
      nll += Number(outputs.nll!.data[0]);
      correct += Number(outputs.accuracy!.data[0]);
      tokens += batch.targetTokens;
    }
    return { loss: nll / tokens, perplexity: Math.exp(nll / tokens), accuracy: correct / tokens };
  }

  /** The likeliest next token after each right prefix of a batch: int64 [T, B]. For models that are teacher-forced. */
  async predict(parameters: Float32Array, batch: Batch): Promise<BigInt64Array> {
    const feeds = { ...this.layout.tensors(parameters), ...batch.feeds, loss_scale: scalar(1) };
    const { predicted } = await this.session.run(feeds, ["predicted"]);
    return int64s(predicted!);
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}
