import { randomUUID } from "node:crypto";
import { CarouselError } from "./errors.js";
import { ModelCatalog, requireTask } from "./gateway/model-catalog.js";
import { Generator } from "./generation/generator.js";
import { lengthOrder, windowsOf } from "./length-order.js";
import { ask } from "./queue/ask.js";
import { createEmbeddedQueue } from "./queue/embedded.js";
import { NEVER, type SearchOptions, type SegmentResult, type ServedModel } from "./queue/port.js";
import type { TextFormat } from "./translation/inline/formats.js";
import type { Term } from "./translation/terms/term.js";
import { type TranslatedText, Translator, type UnknownWords } from "./translation/translator.js";
import { createEngine, type EngineOptions } from "./worker/create-engine.js";

/** Texts that are sorted by length together. Two windows are in work at once; what waits behind them is not read yet. */
const WINDOW = 2048;

/** A text, and what is asked of its search: a seed of its own, for instance. */
export interface TextRequest {
  readonly text: string;
  readonly options: SearchOptions;
  /** What it is written in; text when absent. */
  readonly format?: TextFormat;
  /** What the translation begins with. */
  readonly prefix?: string;
  /** What words of it must become. */
  readonly terms?: readonly Term[];
  /** kept, when absent. */
  readonly unknownWords?: UnknownWords;
}

/** What holds for all texts, or each. */
export interface TextsOptions {
  /** What they are written in; text when absent. */
  readonly format?: TextFormat;
  /** None, or for each what its translation begins with. */
  readonly prefixes?: readonly string[];
  /** What words of them must become. */
  readonly terms?: readonly Term[];
}

export interface TranslateEachOptions {
  /** Called once for each text when it is done, in whatever order that is. */
  readonly onTranslated?: () => void;
  /** Texts that are sorted by length together. */
  readonly window?: number;
}

/** Never a rejection: the outcomes of a window wait, unlooked at, for those of the window before it. */
type Outcome = { readonly settled: TranslatedText | CarouselError } | { readonly failure: unknown };

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
    const engine = await createEngine([folder], options);
    const queue = createEmbeddedQueue({ maxQueued: Number.MAX_SAFE_INTEGER });
    await queue.worker.start(engine);
    const catalog = new ModelCatalog(queue.client);
    const translator = new Translator(queue.client, catalog);
    const generator = new Generator(queue.client, catalog);
    return new LocalModel(engine.models[0]!, { engine, queue, translator, generator });
  }

  /** Translations in the order of the texts. @throws CarouselError at the first text that cannot be translated */
  async *translate(
    texts: readonly string[],
    options: SearchOptions,
    { prefixes = [], ...more }: TextsOptions = {},
  ): AsyncIterable<TranslatedText> {
    const requests = texts.map((text, k) => ({ text, options, ...more, prefix: prefixes[k] ?? "" }));
    for await (const outcome of this.translateEach(requests)) {
      if (outcome instanceof CarouselError) throw outcome;
      yield outcome;
    }
  }

  /**
   * Outcomes in the order of the texts: a text that cannot be translated (too long, say) is its error. Texts are read as
   * they are needed and translated in an order of length, so that those in a batch finish together.
   * @throws CarouselError when the model is no translation model, or fails
   */
  async *translateEach(
    requests: Iterable<TextRequest> | AsyncIterable<TextRequest>,
    { onTranslated = () => {}, window: size = WINDOW }: TranslateEachOptions = {},
  ): AsyncGenerator<TranslatedText | CarouselError> {
    this.requireTask("translation");
    const abandoned = new AbortController();
    let earlier: readonly Promise<Outcome>[] = [];
    let count = 0;
    try {
      for await (const window of windowsOf(requests, size)) {
        const order = lengthOrder(window, count++);
        const outcomes = new Array<Promise<Outcome>>(window.length);
        for (const k of order) {
          outcomes[k] = this.outcome(window[k]!, abandoned.signal);
          void outcomes[k].then(onTranslated);
        }
        yield* inTurn(earlier);
        earlier = outcomes;
      }
      yield* inTurn(earlier);
    } finally {
      abandoned.abort();
    }
  }

  private async outcome({ text, options, prefix = "", ...more }: TextRequest, signal: AbortSignal): Promise<Outcome> {
    const call = { query: { model: this.model.name }, options, priority: "normal", deadline: NEVER, signal } as const;
    const asked = { ...call, ...more, texts: [text], prefixes: [prefix] };
    try {
      const { translations } = await this.parts.translator.translate(asked);
      return { settled: translations[0]! };
    } catch (error) {
      return error instanceof CarouselError && error.code === "INVALID_ARGUMENT"
        ? { settled: error }
        : { failure: error };
    }
  }

  /** @throws CarouselError when the model is for something else */
  requireTask(task: ServedModel["task"]): void {
    requireTask(this.model, task);
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
      modelVersion: this.model.version,
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

async function* inTurn(outcomes: readonly Promise<Outcome>[]): AsyncGenerator<TranslatedText | CarouselError> {
  for (const promise of outcomes) {
    const outcome = await promise;
    if ("failure" in outcome) throw outcome.failure;
    yield outcome.settled;
  }
}
