import { randomUUID } from "node:crypto";
import { inField } from "../errors.js";
import type { ModelCatalog, ModelQuery } from "../gateway/model-catalog.js";
import { ask } from "../queue/ask.js";
import { GREEDY, type QueueClient, type ServedModel } from "../queue/port.js";
import type { Share } from "../queue/share.js";
import { joined, type TextHypothesis } from "./join.js";

export interface ScoreCall {
  readonly query: ModelQuery;
  readonly pairs: readonly { readonly source: string; readonly target: string }[];
  readonly alignments: boolean;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
  readonly requestId?: string;
  readonly share?: Share;
}

export interface ScoreAnswer {
  readonly model: string;
  readonly modelVersion: string;
  /** One for each pair: the target as a hypothesis, its score without a length penalty. */
  readonly scores: readonly TextHypothesis[];
}

/** What a translation model thinks of given translations. */
export class Scorer {
  constructor(
    private readonly queue: QueueClient,
    private readonly catalog: ModelCatalog,
  ) {}

  /** @throws CarouselError: the first error of any of the pairs */
  async score(call: ScoreCall): Promise<ScoreAnswer> {
    return this.catalog.withModel({ ...call.query, task: "translation" }, call.requestId, (model) =>
      this.scoreWith(model, call),
    );
  }

  private async scoreWith(model: ServedModel, call: ScoreCall): Promise<ScoreAnswer> {
    const { query: _, pairs, alignments, signal, ...context } = call;
    const options = { ...GREEDY, alignments };
    const common = {
      task: "score",
      model: model.name,
      modelVersion: model.version,
      options,
      priority: "interactive",
      stream: false,
    } as const;
    const results = await Promise.all(
      pairs.map(({ source, target }, k) =>
        ask(this.queue, { ...common, ...context, id: randomUUID(), text: source, target }, { signal }).catch((error) =>
          inField(error, { source: `pairs[${k}].source`, target: `pairs[${k}].target` }),
        ),
      ),
    );
    const wanted = alignments ? "wanted" : "unwanted";
    const scores = results.map((result) =>
      joined([result], 0, { text: result.hypotheses[0]!.text, alignments: wanted, termViolations: [] }),
    );
    return { model: model.name, modelVersion: model.version, scores };
  }
}
