import { randomUUID } from "node:crypto";
import { CarouselError } from "../errors.js";
import type { ModelCatalog } from "../gateway/model-catalog.js";
import { ask } from "../queue/ask.js";
import type { FinishReason, Hypothesis, QueueClient, SearchOptions, ServedModel } from "../queue/port.js";
import type { Share } from "../queue/share.js";

export interface GenerateCall {
  readonly model: string;
  readonly prompt: string;
  readonly options: SearchOptions;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
  readonly requestId?: string;
  readonly share?: Share;
  /** Given pieces of the text as they come. */
  readonly onPiece?: (text: string) => void;
}

export interface Generated {
  readonly text: string;
  readonly logProbability: number;
  readonly tokens: Hypothesis["tokens"];
  readonly finishReason: FinishReason;
  readonly model: string;
  readonly modelVersion: string;
}

/** A prompt → its continuation, at once or piece by piece. */
export class Generator {
  constructor(
    private readonly queue: QueueClient,
    private readonly catalog: ModelCatalog,
  ) {}

  async generate(call: GenerateCall): Promise<Generated> {
    let said: "nothing" | "something" = "nothing";
    const onPiece = (text: string) => {
      said = "something";
      call.onPiece?.(text);
    };
    const query = { model: call.model, task: "generation" } as const;
    return this.catalog.withModel(query, call.requestId, (model) => {
      if (said === "nothing") return this.generateWith(model, { ...call, ...(call.onPiece ? { onPiece } : {}) });
      throw new CarouselError("UNAVAILABLE", `the version of ${model.name} went away in the midst of the text`);
    });
  }

  private async generateWith(model: ServedModel, call: GenerateCall): Promise<Generated> {
    const { prompt, options, deadline, signal, requestId, share, onPiece } = call;
    const segment = {
      id: randomUUID(),
      task: "generate",
      model: model.name,
      modelVersion: model.version,
      text: prompt,
      options,
      priority: "interactive",
      deadline,
      stream: onPiece !== undefined,
      ...(requestId ? { requestId } : {}),
      ...(share ? { share } : {}),
    } as const;
    const { hypotheses, modelVersion } = await ask(this.queue, segment, { signal, onPiece });
    const { text, logProbability, tokens, finishReason } = hypotheses[0]!;
    return { text, logProbability, tokens, finishReason, model: model.name, modelVersion };
  }
}
