import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import { CarouselError } from "../errors.js";
import type { ModelCatalog, ModelQuery } from "../gateway/model-catalog.js";
import { ask } from "../queue/ask.js";
import type { Hypothesis, Priority, QueueClient, SearchOptions, Segment } from "../queue/port.js";
import { derivedSeed } from "../seeds.js";
import { documentOf, type TextFormat } from "./inline/formats.js";
import type { Languages } from "./inline/placeholders.js";
import { type Sentence, Sentences } from "./inline/sentences.js";

export interface TranslateCall {
  readonly query: ModelQuery;
  readonly texts: readonly string[];
  /** What the texts are written in; text when absent. */
  readonly format?: TextFormat;
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
    { call, model, languages }: { call: TranslateCall; model: string; languages: Languages },
  ): Promise<TranslatedText> {
    const { pieces, encode } = documentOf(text, { format: call.format ?? "text", languages });
    const cut = pieces.map((piece) => (typeof piece === "string" ? piece : new Sentences(piece, languages)));
    const sentences = cut.flatMap((piece) => (typeof piece === "string" ? [] : piece.sentences));
    if (sentences.length === 0) return { hypotheses: [untranslated(text)], segments: 0 };
    const results = await Promise.all(
      sentences.map((s, k) => ask(this.queue, segmentOf(s, { call: withSeed(call, k), model }), call.signal)),
    );
    const n = Math.min(...results.map((r) => r.hypotheses.length));
    const hypotheses = Array.from({ length: n }, (_, rank) => {
      const translated = results.map((r) => ({ hypothesis: r.hypotheses[rank]!, sourcePieces: r.sourcePieces }));
      const written = cut.map((piece) => {
        if (typeof piece === "string") return piece;
        return piece.write(translated.splice(0, piece.sentences.length), encode);
      });
      const chosen = results.map((r) => r.hypotheses[rank]!);
      const alignment = call.options.alignments && sentences.length === 1 ? chosen[0]!.alignment : undefined;
      return joined(chosen, { text: written.join(""), alignment });
    });
    return { hypotheses, segments: sentences.length };
  }
}

function segmentOf({ text, spans }: Sentence, { call, model }: { call: TranslateCall; model: string }): Segment {
  const { options, priority, deadline, requestId } = call;
  return {
    id: randomUUID(),
    task: "translate",
    model,
    text,
    // tags and placeholders go where the model looked
    options: spans.length > 0 ? { ...options, alignments: true } : options,
    priority,
    deadline,
    stream: false,
    ...(requestId ? { requestId } : {}),
  };
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

/** Hypotheses of the sentences of a text as one; the scores add up. */
function joined(
  chosen: readonly Hypothesis[],
  { text, alignment }: { text: string; alignment: Hypothesis["alignment"] },
): Hypothesis {
  return {
    text,
    score: chosen.reduce((sum, h) => sum + h.score, 0),
    logProbability: chosen.reduce((sum, h) => sum + h.logProbability, 0),
    tokens: chosen.flatMap((h) => h.tokens),
    finishReason: chosen.some((h) => h.finishReason === "length") ? "length" : "end",
    ...(alignment ? { alignment } : {}),
  };
}
