import type { Batch, Epoch } from "../data/batch.js";
import { createSession, type Feeds, int64s, type Session, type SessionOptions, scalar } from "../onnx/runtime.js";
import { CarriedState } from "./carried-state.js";
import type { ParameterLayout } from "./parameters.js";
import type { StateSpec, TrainGraph } from "./train-graph.js";

export interface Evaluation {
  /** Cross-entropy a target token without smoothing, nats. */
  readonly loss: number;
  /** exp(loss) */
  readonly perplexity: number;
  /** Share of target tokens whose likeliest prediction was right. */
  readonly accuracy: number;
}

/** What a run is asked for. */
const MEASURES = { nll: null, accuracy: null };

/** Measures a model on held-out batches, without dropout. */
export class Evaluator {
  static async create(graph: TrainGraph, options: { layout: ParameterLayout } & SessionOptions): Promise<Evaluator> {
    return new Evaluator(await createSession(graph.evaluation, options), options.layout, graph.states);
  }

  private constructor(
    private readonly session: Session,
    private readonly layout: ParameterLayout,
    private readonly states: readonly StateSpec[],
  ) {}

  async evaluate(parameters: Float32Array, batches: Epoch): Promise<Evaluation> {
    const weights: Feeds = this.layout.tensors(parameters);
    const carried = new CarriedState(this.states, batches.length === 0 ? 0 : batches.batch(0).sizes.B);
    let [nll, correct, tokens] = [0, 0, 0];
    for (let i = 0; i < batches.length; i++) {
      const batch = batches.batch(i);
      const feeds = { ...weights, ...batch.feeds, ...carried.feeds(batch), loss_scale: scalar(1) };
      const outputs = await this.session.run(feeds, { ...MEASURES, ...carried.fetches });
      carried.advance();
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
