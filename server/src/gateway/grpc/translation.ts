import { FinishReason, translation } from "@carousel/protos";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import { CarouselError } from "../../errors.js";
import type { Hypothesis } from "../../queue/port.js";
import type { TextFormat } from "../../translation/inline/formats.js";
import type { TranslatedText } from "../../translation/translator.js";
import type { ModelQuery } from "../model-catalog.js";
import type { Services } from "../services.js";
import { checkText, checkTexts, searchOptions } from "../validate.js";
import { contextOf, unary } from "./call.js";
import { toStatus } from "./status.js";

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
      const answer = await translator.translate({
        query: queryOf(request),
        texts: request.texts,
        format: formatOf(request.format),
        options: searchOptions(request.options),
        priority: "interactive",
        ...context,
      });
      return { ...answer, translations: answer.translations.map(toTranslation) };
    }),
    translateStream: (call) => void new TranslateStream(services, call),
  };
}

/** Texts in, results out in the same order, translated side by side. */
class TranslateStream {
  private readonly context;
  private readonly done;
  private settings: translation.TranslateRequest | undefined;
  private readonly pending: Promise<void>[] = [];
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly services: Services,
    private readonly call: ServerDuplexStream<StreamRequest, StreamResponse>,
  ) {
    this.context = contextOf(call as unknown as Parameters<typeof contextOf>[0]);
    this.done = services.metrics.request("grpc", "TranslateStream", this.context.requestId);
    call.on("data", (request: StreamRequest) => this.accept(request));
    call.on("end", () =>
      this.last.then(
        () => this.finish(),
        () => {},
      ),
    );
    call.on("error", () => {});
  }

  private accept(request: StreamRequest): void {
    const answer = this.translate(request);
    this.last = Promise.all([this.last, answer]).then(([, response]) => void this.call.write(response));
    this.last.catch((error) => this.finish(error));
    this.pending.push(this.last);
    if (this.pending.length < STREAM_WINDOW) return;
    this.call.pause();
    this.pending.shift()!.then(
      () => this.call.resume(),
      () => {},
    );
  }

  private async translate({ settings, text }: StreamRequest): Promise<StreamResponse> {
    this.settings ??= settings;
    if (!this.settings) {
      throw new CarouselError("INVALID_ARGUMENT", "the first message of a stream must hold settings", {
        violations: [{ field: "settings", description: "required in the first message" }],
      });
    }
    checkText(text, "text");
    const { translations, model, modelVersion } = await this.services.translator.translate({
      query: queryOf(this.settings),
      texts: [text],
      format: formatOf(this.settings.format),
      options: searchOptions(this.settings.options),
      priority: "interactive",
      ...this.context,
    });
    return { translation: toTranslation(translations[0]!), model, modelVersion };
  }

  private finish(error?: unknown): void {
    this.done(error);
    if (error === undefined) this.call.end();
    else this.call.emit("error", toStatus(error));
  }
}

export function queryOf(request: { model: string; sourceLanguage: string; targetLanguage: string }): ModelQuery {
  const { model, sourceLanguage, targetLanguage } = request;
  return model ? { model } : { sourceLanguage, targetLanguage };
}

function formatOf(format: translation.TextFormat = translation.TextFormat.TEXT_FORMAT_TEXT): TextFormat {
  const known = FORMATS.get(format);
  if (known) return known;
  const description = `is ${format}; it must be one of ${[...FORMATS.keys()].join(", ")}`;
  throw new CarouselError("INVALID_ARGUMENT", `format ${description}`, {
    violations: [{ field: "format", description }],
  });
}

function toTranslation({ hypotheses, segments }: TranslatedText): translation.Translation {
  return { hypotheses: hypotheses.map(toHypothesis), segments };
}

function toHypothesis({ text, score, finishReason, alignment, tokens }: Hypothesis): translation.Hypothesis {
  return {
    text,
    score,
    finishReason: toFinishReason(finishReason),
    alignments: (alignment ?? []).map((weights, k) => ({ token: tokens[k]?.piece ?? "", weights: [...weights] })),
  };
}

export function toFinishReason(reason: "end" | "length"): FinishReason {
  return reason === "end" ? FinishReason.FINISH_REASON_END : FinishReason.FINISH_REASON_LENGTH;
}
