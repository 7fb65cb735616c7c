import { randomUUID } from "node:crypto";
import { CarouselError, inField, invalid } from "../errors.js";
import type { ModelCatalog, ModelQuery } from "../gateway/model-catalog.js";
import { ask } from "../queue/ask.js";
import {
  type Priority,
  type QueueClient,
  type SearchOptions,
  type Segment,
  type SegmentResult,
  type ServedModel,
  SOURCE_TOO_LONG,
} from "../queue/port.js";
import type { Share } from "../queue/share.js";
import { derivedSeed } from "../seeds.js";
import { CutDocument } from "./cut-document.js";
import type { Document } from "./inline/document.js";
import { documentOf, type TextFormat } from "./inline/formats.js";
import { placeholdersOf } from "./inline/place.js";
import type { Languages } from "./inline/placeholders.js";
import type { Sentence } from "./inline/sentences.js";
import { type Begun, withStandIns } from "./inline/stand-ins.js";
import { type JoinOptions, joined, type TextHypothesis } from "./join.js";
import { LONGEST_SEGMENT, surelyFits } from "./segments.js";
import type { Term } from "./terms/term.js";
import { searchWithTerms } from "./terms/term-search.js";

export interface TranslateCall {
  readonly query: ModelQuery;
  /** Plain text, text in a format, or a document that is cut up already. */
  readonly texts: readonly (string | Document)[];
  /** What the texts are written in; text when absent. */
  readonly format?: TextFormat;
  /** None, or for each text what its translation begins with. */
  readonly prefixes?: readonly string[];
  /** Those that overlap: the longest holds, of equal ones the first. */
  readonly terms?: readonly Term[];
  readonly options: SearchOptions;
  readonly priority: Priority;
  readonly share?: Share;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
  readonly requestId?: string;
  /** Calls of one key are given one version of a model, while weights and versions stay. Default: the request's id. */
  readonly versionKey?: string;
}

export interface TranslatedText {
  /** Best first; those that have more of the terms are better. */
  readonly hypotheses: readonly TextHypothesis[];
  readonly segments: number;
  /** Sentences that were too long for one segment and were cut. */
  readonly splitSentences: number;
  /** The tokens of all segments, when alignments were asked for. */
  readonly sourceTokens?: readonly string[];
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
    return this.catalog.withModel(call.query, call.versionKey ?? call.requestId, (model) =>
      this.translateWith(model, call),
    );
  }

  private async translateWith(model: ServedModel, call: TranslateCall): Promise<TranslateAnswer> {
    if (model.task !== "translation") {
      throw new CarouselError("INVALID_ARGUMENT", `${model.name} is a ${model.task} model and cannot translate`, {
        violations: [{ field: "model", description: "must be a translation model" }],
      });
    }
    const languages = { source: model.sourceLanguage ?? "en", target: model.targetLanguage };
    const fate = new Fate();
    const several = call.texts.length > 1;
    const texts = call.texts.map((text, k) => {
      const refuse = (error: unknown): never => inField(error, several ? namesOf(k) : {});
      const context = { call, fate, model, languages, prefix: call.prefixes?.[k] ?? "" };
      return { text, context, refuse, cut: orElse(refuse, () => cutOf(text, context)) };
    });
    this.refuseTooMany(
      texts.reduce((sum, { cut }) => sum + cut.sentences.length, 0),
      call.options,
    );
    const translations = texts.map(({ text, context, refuse, cut }) =>
      this.translateText(text, context, cut).catch(refuse),
    );
    return { model: model.name, modelVersion: model.version, translations: await Promise.all(translations) };
  }

  /** Who waited for room for more would wait for ever. */
  private refuseTooMany(sentences: number, { temperature, nBest }: SearchOptions): void {
    const { maxQueued } = this.queue;
    const searches = temperature === 0 ? sentences : sentences * nBest;
    if (searches <= maxQueued) return;
    invalid(
      "texts",
      `are ${searches} searches; at most ${maxQueued} may be on their way at once, a batch job takes any number`,
    );
  }

  private async translateText(
    text: string | Document,
    context: TextContext,
    cut = cutOf(text, context),
  ): Promise<TranslatedText> {
    const { call, prefix, tooLong } = context;
    const { sentences, splitSentences } = cut;
    if (sentences.length === 0) return { hypotheses: [untranslated(cut)], segments: 0, splitSentences };
    const begun = withStandIns(prefix, placeholdersOf(sentences[0]!.spans));
    const outcomes = await Promise.all(
      sentences.map((sentence, k) => {
        const own = { ...context, call: withSeed(call, k), prefix: k === 0 ? begun.text : "" };
        const result = this.translateSentence(sentence, own);
        return tooLong ? result : result.catch(unlessTooLong);
      }),
    );
    const cutShorter = sentences.filter((_, k) => !outcomes[k]).map((sentence) => sentence.text);
    if (cutShorter.length > 0) return this.translateText(text, { ...context, tooLong: cutShorter });
    const results = outcomes.filter((outcome) => outcome !== undefined);
    const { alignments } = call.options;
    return {
      hypotheses: hypothesesOf(cut, results, { given: begun.literal, alignments: alignments ? "wanted" : "unwanted" }),
      segments: sentences.length,
      splitSentences,
      ...(alignments ? { sourceTokens: results.flatMap((r) => r.sourcePieces ?? []) } : {}),
    };
  }

  private translateSentence(sentence: Sentence, context: SentenceContext): Promise<SegmentResult> {
    if (sentence.demands.length === 0) return this.search(sentence, context);
    const { call, languages, prefix: given } = context;
    const search = (prefix: string) => this.search(sentence, { ...context, prefix });
    return searchWithTerms({ ...sentence, given, language: languages.target, nBest: call.options.nBest, search });
  }

  /** A search gives all hypotheses at once; when they are drawn, each is a draw of its own. */
  private async search(sentence: Sentence, context: SentenceContext): Promise<SegmentResult> {
    const { call, fate } = context;
    const { signal } = call;
    const onError = (error: CarouselError) => fate.note(error);
    const askFor = async (c: TranslateCall) => {
      if (fate.error) throw fate.error;
      return ask(this.queue, segmentOf(sentence, { ...context, call: c }), { signal, onError });
    };
    const { temperature, nBest } = call.options;
    if (temperature === 0 || nBest === 1) return askFor(call);
    const options = { ...call.options, nBest: 1 };
    const draws = await Promise.all(Array.from({ length: nBest }, (_, k) => askFor(withSeed({ ...call, options }, k))));
    const hypotheses = draws.map((d) => d.hypotheses[0]!).sort((a, b) => b.score - a.score);
    return { ...draws[0]!, hypotheses, ...(draws.some((d) => d.guarded) ? { guarded: true } : {}) };
  }
}

/** Of all sentences of a call: once one has failed, no other need be asked for. */
class Fate {
  error: CarouselError | undefined;

  /** A sentence that proves too long is cut, and asked for again. */
  note(error: CarouselError): void {
    if (error.details.reason !== SOURCE_TOO_LONG) this.error ??= error;
  }
}

interface SentenceContext {
  readonly call: TranslateCall;
  readonly fate: Fate;
  readonly model: ServedModel;
  /** What the translation begins with. */
  readonly prefix: string;
  readonly languages: Languages;
}

interface TextContext extends SentenceContext {
  /** Segments that proved to have more tokens than the model takes, when the text was cut as texts are. */
  readonly tooLong?: readonly string[];
}

function cutOf(text: string | Document, { call, model, languages, prefix, tooLong }: TextContext): CutDocument {
  const { terms = [], format = "text" } = call;
  const longest = (sentence: string) =>
    tooLong?.some((part) => sentence.includes(part)) ? surelyFits(model.sourceLimit) : LONGEST_SEGMENT;
  const document = typeof text === "string" ? documentOf(text, { format, languages, prefix }) : text;
  return new CutDocument(document, { languages, terms, longest });
}

/** What of a request is said of the text with that number. */
function namesOf(k: number): Record<string, string> {
  return { texts: `texts[${k}]`, target_prefixes: `target_prefixes[${k}]` };
}

function orElse<T>(refuse: (error: unknown) => never, read: () => T): T {
  try {
    return read();
  } catch (error) {
    return refuse(error);
  }
}

/** Of a whole text as many as its sentences have. */
function hypothesesOf(
  cut: CutDocument,
  results: readonly SegmentResult[],
  { given, alignments }: Pick<JoinOptions, "alignments"> & { given: Begun["literal"] },
): TextHypothesis[] {
  const n = Math.min(...results.map((r) => r.hypotheses.length));
  return Array.from({ length: n }, (_, rank) => {
    const translated = results.map((r, k) => {
      return { hypothesis: r.hypotheses[rank]!, sourcePieces: r.sourcePieces, given: k === 0 ? given : [] };
    });
    const [text, termViolations] = [cut.write(translated), cut.violations(translated)];
    return joined(results, rank, { text, alignments, termViolations });
  });
}

function unlessTooLong(error: unknown): undefined {
  if (!(error instanceof CarouselError && error.details.reason === SOURCE_TOO_LONG)) throw error;
}

function segmentOf({ text, spans, demands }: Sentence, { call, model, prefix }: SentenceContext): Segment {
  const { options, priority, share, deadline, requestId } = call;
  return {
    id: randomUUID(),
    task: "translate",
    model: model.name,
    modelVersion: model.version,
    text,
    ...(prefix ? { target: prefix } : {}),
    options: optionsFor({ spans, demands }, options),
    priority,
    deadline,
    stream: false,
    ...(share ? { share } : {}),
    ...(requestId ? { requestId } : {}),
  };
}

/** Tags, placeholders and terms go where the model looked; of hypotheses with terms all are wanted to choose from. */
function optionsFor({ spans, demands }: Pick<Sentence, "spans" | "demands">, options: SearchOptions): SearchOptions {
  if (demands.length > 0) return { ...options, alignments: true, nBest: options.beamSize };
  return spans.length > 0 ? { ...options, alignments: true } : options;
}

/** The sentences of a text draw apart from each other. */
function withSeed(call: TranslateCall, sentence: number): TranslateCall {
  const { seed } = call.options;
  return seed === undefined ? call : { ...call, options: { ...call.options, seed: derivedSeed(seed, sentence) } };
}

/** White space translates to itself, as does what has no letters. */
function untranslated(cut: CutDocument): TextHypothesis {
  const nothing = { text: cut.write([]), score: 0, logProbability: 0, tokens: [], finishReason: "end" } as const;
  return { ...nothing, cutSegments: 0, guardedSegments: 0, termViolations: cut.violations([]) };
}
