import { randomUUID } from "node:crypto";
import { ModelCatalog } from "./gateway/model-catalog.js";
import { Generator } from "./generation/generator.js";
import { ask } from "./queue/ask.js";
import { createEmbeddedQueue } from "./queue/embedded.js";
import type { SearchOptions, SegmentResult, ServedModel } from "./queue/port.js";
import { type TranslatedText, Translator } from "./translation/translator.js";
import { createEngineOf, type EngineOptions } from "./worker/create-engine.js";

/** Texts that are translated at once; what waits behind them is not read yet. */
const WINDOW = 512;
const NEVER = 8.64e15;

/** One bundle, used in this process: the whole way of a request but for the network. */
export class LocalModel {
  private constructor(
    readonly model: ServedModel,
    private readonly parts: {
      engine: { close(): Promise<void> };
      queue: ReturnType<typeof createEmbeddedQueue>;
      translator: Translator;
      generator: Generator;
    },
  ) {}

  /** @throws BundleError when the folder is no bundle, or a damaged one */
  static async open(
    folder: string,
    options: Pick<EngineOptions, "device" | "threads" | "intraOpThreads"> = {},
  ): Promise<LocalModel> {
    const engine = await createEngineOf([folder], options);
    const queue = createEmbeddedQueue({ maxQueued: Number.MAX_SAFE_INTEGER });
    await queue.worker.start(engine);
    const catalog = new ModelCatalog(queue.client);
    const translator = new Translator(queue.client, catalog);
    const generator = new Generator(queue.client, catalog);
    return new LocalModel(engine.models[0]!, { engine, queue, translator, generator });
  }

  /** Translations in the order of the texts. @throws CarouselError at the first text that cannot be translated */
  async *translate(texts: readonly string[], options: SearchOptions): AsyncIterable<TranslatedText> {
    const call = { query: { model: this.model.name }, options, priority: "normal", deadline: NEVER } as const;
    for (let at = 0; at < texts.length; at += WINDOW) {
      const { translations } = await this.parts.translator.translate({ ...call, texts: texts.slice(at, at + WINDOW) });
      yield* translations;
    }
  }

  /** A prompt's continuation, piece by piece. */
  generate(prompt: string, options: SearchOptions, onPiece: (text: string) => void) {
    return this.parts.generator.generate({ model: this.model.name, prompt, options, deadline: NEVER, onPiece });
  }

  /** The log-probability of a text, or of a target given its source. */
  score(text: string, options: SearchOptions, target?: string): Promise<SegmentResult> {
    return ask(this.parts.queue.client, {
      id: randomUUID(),
      task: "score",
      model: this.model.name,
      text,
      ...(target === undefined ? {} : { target }),
      options,
      priority: "normal",
      deadline: NEVER,
      stream: false,
    });
  }

  async close(): Promise<void> {
    await this.parts.engine.close();
  }
}
