import { FinishReason, translation } from "@carousel/protos";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import { CarouselError, invalid } from "../../errors.js";
import type { FinishReason as Reason } from "../../queue/port.js";
import type { TextFormat } from "../../translation/inline/formats.js";
import type { TextHypothesis } from "../../translation/join.js";
import type { Term } from "../../translation/terms/term.js";
import type { TranslatedText } from "../../translation/translator.js";
import type { ModelQuery } from "../model-catalog.js";
import type { Services } from "../services.js";
import { checkPairs, checkPrefixes, checkText, checkTexts, searchOptions } from "../validate.js";
import { begin, unary, writerOf } from "./call.js";
import { toStatus } from "./status.js";
import { fromWireTerms } from "./terms.js";
import { known } from "./wire-values.js";

type StreamRequest = translation.TranslateStreamRequest;
type StreamResponse = translation.TranslateStreamResponse;

const FORMATS: ReadonlyMap<translation.TextFormat, TextFormat> = new Map([
  [translation.TextFormat.TEXT_FORMAT_UNSPECIFIED, "text"],
  [translation.TextFormat.TEXT_FORMAT_TEXT, "text"],
  [translation.TextFormat.TEXT_FORMAT_HTML, "html"],
  [translation.TextFormat.TEXT_FORMAT_XML, "xml"],
]);

/** Results that may be on their way in one stream. */
const STREAM_WINDOW = 64;

export function translationService(services: Services): translation.TranslationServiceServer {
  const { translator } = services;
  return {
    translate: unary(services, "Translate", async (request: translation.TranslateRequest, context) => {
      checkTexts(request.texts);
      checkPrefixes(request.targetPrefixes, request.texts);
      const answer = await translator.translate({
        query: queryOf(request),
        texts: request.texts,
        format: formatOf(request.format),
        prefixes: request.targetPrefixes,
        terms: await termsOf(request, services),
        options: searchOptions(request.options),
        priority: "interactive",
        ...context,
      });
      return { ...answer, translations: answer.translations.map(toTranslation) };
    }),
    score: unary(services, "Score", async (request: translation.ScoreRequest, context) => {
      checkPairs(request.pairs);
      const { pairs, alignments } = request;
      const answer = await services.scorer.score({ query: queryOf(request), pairs, alignments, ...context });
      return { ...answer, scores: answer.scores.map(toHypothesis) };
    }),
    translateStream: (call) => void new TranslateStream(services, call),
  };
}

/** Texts in, results out in the same order, translated side by side. While results are not read no more texts are. */
class TranslateStream {
  private readonly context;
  private readonly done;
  private readonly write: (response: StreamResponse) => Promise<void>;
  private settings: translation.TranslateRequest | undefined;
  private terms: Promise<readonly Term[]> = Promise.resolve([]);
  private readonly pending: Promise<void>[] = [];
  private last: Promise<void> = Promise.resolve();
  private finished = false;

  constructor(
    private readonly services: Services,
    private readonly call: ServerDuplexStream<StreamRequest, StreamResponse>,
  ) {
    const { context, done } = begin(services, { method: "TranslateStream", call });
    this.context = context;
    this.done = done;
    this.write = writerOf(call, context.signal);
    call.on("data", (request: StreamRequest) => this.accept(request));
    call.on("end", () =>
      this.last.then(
        () => this.finish(),
        () => {},
      ),
    );
    call.on("error", () => {});
    context.signal.addEventListener("abort", () => this.finish(goneAway(context.deadline)));
  }

  private accept(request: StreamRequest): void {
    const answer = this.translate(request);
    this.last = Promise.all([this.last, answer]).then(([, response]) => this.write(response));
    this.last.catch((error) => this.finish(error));
    this.pending.push(this.last);
    if (this.pending.length < STREAM_WINDOW) return;
    this.call.pause();
    this.pending.shift()!.then(
      () => this.call.resume(),
      () => {},
    );
  }

  private async translate({ settings, text, targetPrefix }: StreamRequest): Promise<StreamResponse> {
    if (!this.settings && settings) {
      checkSettings(settings);
      this.settings = settings;
      this.terms = termsOf(settings, this.services);
      this.terms.catch(() => {}); // said by every text
    }
    if (!this.settings) {
      invalid("settings", "must be in the first message of a stream");
    }
    checkText(text, "text");
    checkText(targetPrefix, "target_prefix");
    const { translations, model, modelVersion } = await this.services.translator.translate({
      query: queryOf(this.settings),
      texts: [text],
      format: formatOf(this.settings.format),
      prefixes: [targetPrefix],
      terms: await this.terms,
      options: searchOptions(this.settings.options),
      priority: "interactive",
      ...this.context,
    });
    return { translation: toTranslation(translations[0]!), model, modelVersion };
  }

  /** Once, by whatever ends it first. */
  private finish(error?: unknown): void {
    if (this.finished) return;
    this.finished = true;
    this.done(error);
    if (error === undefined) this.call.end();
    else this.call.emit("error", toStatus(error));
  }
}

/** Of a stream whose caller waits no more. */
function goneAway(deadline: number): CarouselError {
  return Date.now() >= deadline
    ? new CarouselError("DEADLINE_EXCEEDED", "the stream had not ended at its deadline")
    : new CarouselError("CANCELLED", "the caller cancelled the stream");
}

function checkSettings({ texts, targetPrefixes }: translation.TranslateRequest): void {
  if (texts.length > 0) invalid("settings.texts", "must be empty: every message brings one text");
  if (targetPrefixes.length > 0) invalid("settings.target_prefixes", "must be empty: every message brings its own");
}

export function queryOf(request: { model: string; sourceLanguage: string; targetLanguage: string }): ModelQuery {
  const { model, sourceLanguage, targetLanguage } = request;
  return model ? { model } : { sourceLanguage, targetLanguage };
}

function formatOf(format: translation.TextFormat = translation.TextFormat.TEXT_FORMAT_TEXT): TextFormat {
  return known(FORMATS, format, "format");
}

function termsOf(request: translation.TranslateRequest, { glossaries }: Services): Promise<readonly Term[]> {
  const terms = fromWireTerms(request.terms);
  return glossaries.termsOf({ glossaries: request.glossaries, terms }, queryOf(request));
}

function toTranslation({ sourceTokens = [], ...text }: TranslatedText): translation.Translation {
  return { ...text, hypotheses: text.hypotheses.map(toHypothesis), sourceTokens: [...sourceTokens] };
}

function toHypothesis({ alignments = [], hardAlignment = "", ...hypothesis }: TextHypothesis): translation.Hypothesis {
  const { omission, repetition, confidence } = hypothesis;
  return {
    ...hypothesis,
    ...{ omission, repetition, confidence },
    tokens: [...hypothesis.tokens],
    finishReason: toFinishReason(hypothesis.finishReason),
    alignments: alignments.map(({ token, weights }) => ({ token, weights: [...weights] })),
    hardAlignment,
    termViolations: [...hypothesis.termViolations],
  };
}

const FINISH_REASONS: Readonly<Record<Reason, FinishReason>> = {
  end: FinishReason.FINISH_REASON_END,
  length: FinishReason.FINISH_REASON_LENGTH,
  stop: FinishReason.FINISH_REASON_STOP,
  loop: FinishReason.FINISH_REASON_LOOP,
};

export function toFinishReason(reason: Reason): FinishReason {
  return FINISH_REASONS[reason];
}
