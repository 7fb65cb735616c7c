import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import { CarouselError } from "../errors.js";
import type { ModelCatalog, ModelQuery } from "../gateway/model-catalog.js";
import { ask } from "../queue/ask.js";
import type { Hypothesis, Priority, QueueClient, SearchOptions, SegmentResult } from "../queue/port.js";
import { derivedSeed } from "../seeds.js";
import { reassemble, segmentText } from "./segments.js";

export interface TranslateCall {
  readonly query: ModelQuery;
  readonly texts: readonly string[];
  readonly options: SearchOptions;
  readonly priority: Priority;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
  readonly requestId?: string;
}

export interface TranslatedText {
  /** Best first. */
  readonly hypotheses: readonly Hypothesis[];
  readonly segments: number;
}

export interface TranslateAnswer {
  readonly model: string;
  readonly modelVersion: string;
  readonly translations: readonly TranslatedText[];
}

/** Texts → segments → queue → segments → texts. */
export class Translator {
  constructor(
    private readonly queue: QueueClient,
    private readonly catalog: ModelCatalog,
  ) {}

  /** @throws CarouselError: the first error of any of the texts */
  async translate(call: TranslateCall): Promise<TranslateAnswer> {
    const { model, translations } = await this.translateEach(call);
    const settled = await Promise.all(translations);
    return { model: model.name, modelVersion: model.version, translations: settled };
  }

  /** As translate, but each text succeeds or fails by itself. */
  async translateEach(call: TranslateCall) {
    if (call.signal) setMaxListeners(0, call.signal); // every segment of the call listens
    const model = await this.catalog.resolve(call.query);
    if (model.task !== "translation") {
      throw new CarouselError("INVALID_ARGUMENT", `${model.name} is a ${model.task} model and cannot translate`, {
        violations: [{ field: "model", description: "must be a translation model" }],
      });
    }
    const languages = { source: model.sourceLanguage ?? "en", target: model.targetLanguage };
    return {
      model,
      translations: call.texts.map((text) => this.translateText(text, { call, model: model.name, languages })),
    };
  }

  private async translateText(
    text: string,
    { call, model, languages }: { call: TranslateCall; model: string; languages: { source: string; target: string } },
  ): Promise<TranslatedText> {
    const segmented = segmentText(text, languages.source);
    const sources = segmented.parts.filter((p) => p.kind === "segment");
    if (sources.length === 0) return { hypotheses: [untranslated(text)], segments: 0 };
    const results = await Promise.all(
      sources.map((s, k) => ask(this.queue, { ...segmentOf(withSeed(call, k), model), text: s.text }, call.signal)),
    );
    const n =
      sources.length === 1 ? results[0]!.hypotheses.length : Math.min(...results.map((r) => r.hypotheses.length));
    const hypotheses = Array.from({ length: n }, (_, rank) =>
      joined(results, rank, (texts) => reassemble(segmented, texts, languages.target)),
    );
    return { hypotheses, segments: sources.length };
  }
}

function segmentOf({ options, priority, deadline, requestId }: TranslateCall, model: string) {
  const id = randomUUID();
  return {
    id,
    task: "translate",
    model,
    options,
    priority,
    deadline,
    stream: false,
    ...(requestId ? { requestId } : {}),
  } as const;
}

/** The sentences of a text draw apart from each other. */
function withSeed(call: TranslateCall, sentence: number): TranslateCall {
  const { seed } = call.options;
  return seed === undefined ? call : { ...call, options: { ...call.options, seed: derivedSeed(seed, sentence) } };
}

/** White space translates to itself. */
function untranslated(text: string): Hypothesis {
  return { text, score: 0, logProbability: 0, tokens: [], finishReason: "end" };
}

/** The hypothesis of that rank of each segment, side by side; the scores add up. */
function joined(
  results: readonly SegmentResult[],
  rank: number,
  assemble: (texts: readonly string[]) => string,
): Hypothesis {
  const chosen = results.map((r) => r.hypotheses[rank]!);
  const [only] = chosen;
  return {
    text: assemble(chosen.map((h) => h.text)),
    score: chosen.reduce((sum, h) => sum + h.score, 0),
    logProbability: chosen.reduce((sum, h) => sum + h.logProbability, 0),
    tokens: chosen.flatMap((h) => h.tokens),
    finishReason: chosen.some((h) => h.finishReason === "length") ? "length" : "end",
    ...(chosen.length === 1 && only!.alignment ? { alignment: only!.alignment } : {}),
  };
}
