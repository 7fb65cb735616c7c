import type { KnownWords } from "@carousel/bundle";
import { CarouselError, inField, invalid } from "../errors.js";
import type { ModelCatalog, ModelQuery } from "../gateway/model-catalog.js";
import {
  type Place,
  type QueueClient,
  type SearchOptions,
  type SegmentResult,
  type ServedModel,
  SOURCE_TOO_LONG,
} from "../queue/port.js";
import { withdrawn } from "../queue/reply-book.js";
import { CutDocument } from "./cut-document.js";
import type { Document } from "./inline/document.js";
import { documentOf, type TextFormat } from "./inline/formats.js";
import { placeholdersOf } from "./inline/place.js";
import { type Begun, withStandIns } from "./inline/stand-ins.js";
import { type JoinOptions, joined, type TextHypothesis } from "./join.js";
import { LONGEST_SEGMENT, surelyFits } from "./segments.js";
import { Fate, type SentenceCall, type SentenceContext, translateSentence, withSeed } from "./sentence-search.js";
import { Slices } from "./slices.js";
import type { Term } from "./terms/term.js";

export interface TranslateCall extends SentenceCall {
  readonly query: ModelQuery;
  /** Plain text, text in a format, or a document that is cut up already. */
  readonly texts: readonly (string | Document)[];
  /** What the texts are written in; text when absent. */
  readonly format?: TextFormat;
  /** None, or for each text what its translation begins with. */
  readonly prefixes?: readonly string[];
  /** Those that overlap: the longest holds, of equal ones the first. */
  readonly terms?: readonly Term[];
  /** Calls of one key are given one version of a model, while weights and versions stay. Default: the request's id. */
  readonly versionKey?: string;
  /** kept, when absent. */
  readonly unknownWords?: UnknownWords;
}

/**
 * What becomes of words that the model has not seen in training. kept: they are as they were, in the place of words that it knows. translated: by
 * whatever the model makes of them, as in text that another model learns from.
 */
export type UnknownWords = "kept" | "translated";

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
  private readonly slices = new Slices();

  constructor(
    private readonly queue: QueueClient,
    private readonly catalog: ModelCatalog,
  ) {}

  /** @throws CarouselError: the first error of any of the texts */
  async translate(call: TranslateCall): Promise<TranslateAnswer> {
    const query = { ...call.query, task: "translation" } as const;
    return this.catalog.withModel(query, call.versionKey ?? call.requestId, (model) => this.translateWith(model, call));
  }

  private async translateWith(model: ServedModel, call: TranslateCall): Promise<TranslateAnswer> {
    const languages = { source: model.sourceLanguage ?? "en", target: model.targetLanguage };
    const fate = new Fate();
    const words = call.unknownWords === "translated" ? undefined : await this.queue.knownWords(model);
    const several = call.texts.length > 1;
    const texts = call.texts.map((text, k): CallText => {
      const refuse = (error: unknown): never => inField(error, several ? namesOf(k) : {});
      return { text, refuse, context: { call, fate, model, languages, words, prefix: call.prefixes?.[k] ?? "" } };
    });
    const begun = await this.begin(texts, call);
    const translations = await Promise.all(begun.map((text) => this.finish(text).catch(text.refuse)));
    return { model: model.name, modelVersion: model.version, translations };
  }

  /** Cuts the texts and asks for all their sentences. What will be refused is refused before that is done, where it is known. */
  private async begin(texts: readonly CallText[], call: TranslateCall): Promise<BegunText[]> {
    const least = texts.map(({ text }) => (hasLetters(text) ? drawsOf(call.options) : 0));
    let searches = least.reduce((sum, n) => sum + n, 0);
    this.refuseTooMany(searches);
    const place = searches > 0 ? this.enter(call) : undefined;
    try {
      const cuts: CutDocument[] = [];
      place?.need(searches);
      for (const [k, { text, context, refuse }] of texts.entries()) {
        const cut = await this.cut(text, context).catch(refuse);
        cuts.push(cut);
        searches += cut.sentences.length * drawsOf(call.options) - least[k]!;
        this.refuseTooMany(searches);
        place?.need(searches);
      }
      const begun: BegunText[] = [];
      for (const [k, text] of texts.entries()) {
        const cut = cuts[k]!;
        begun.push({ ...text, cut, ...(await this.askForAll(cut, text.context)) });
      }
      return begun;
    } finally {
      place?.leave();
    }
  }

  private enter({ texts, options, priority, share, deadline, requestId }: TranslateCall): Place {
    const characters = texts.reduce((sum, text) => sum + contentOf(text).length, 0);
    const whose = { ...(share ? { share } : {}), ...(requestId ? { requestId } : {}) };
    return this.queue.enter({ ...whose, options, priority, deadline, characters });
  }

  /** Who waited for room for more would wait for ever. */
  private refuseTooMany(searches: number): void {
    const { maxQueued } = this.queue;
    if (searches <= maxQueued) return;
    invalid(
      "texts",
      `are ${searches} searches or more; at most ${maxQueued} may be on their way at once, a batch job takes any number`,
    );
  }

  /** @throws CarouselError also when nobody waits for the call any more */
  private async cut(text: string | Document, { call, model, languages, words, prefix, tooLong }: TextContext) {
    const { terms = [], format = "text" } = call;
    const longest = (sentence: string) =>
      tooLong?.some((part) => sentence.includes(part)) ? surelyFits(model.sourceLimit) : LONGEST_SEGMENT;
    const pause = () => this.pause(call);
    await pause();
    const document = typeof text === "string" ? documentOf(text, { format, languages, prefix }) : text;
    const quotations = prefix === "" ? "apart" : "within";
    return CutDocument.cut(document, { languages, terms, words, longest, quotations }, pause);
  }

  /** Lets others go on. @throws CarouselError when nobody waits for the call any more */
  private async pause({ signal, deadline }: TranslateCall): Promise<void> {
    await this.slices.turn();
    if (signal?.aborted) throw CarouselError.of(withdrawn("CANCELLED"));
    if (Date.now() >= deadline) throw CarouselError.of(withdrawn("DEADLINE_EXCEEDED"));
  }

  private async askForAll(
    { sentences }: CutDocument,
    context: TextContext,
  ): Promise<Pick<BegunText, "given" | "results">> {
    const { call, prefix, tooLong } = context;
    const { text: begun, places: given } = withStandIns(prefix, placeholdersOf(sentences[0]?.spans ?? []));
    const results: Promise<SegmentResult | undefined>[] = [];
    for (const [k, sentence] of sentences.entries()) {
      if (k > 0) await this.pause(call);
      const own = { ...context, call: withSeed(call, k), prefix: k === 0 ? begun : "" };
      const result = translateSentence(this.queue, sentence, own);
      results.push(tooLong ? result : result.catch(unlessTooLong));
      results.at(-1)!.catch(() => {}); // it is looked at when all have been asked for
    }
    return { given, results };
  }

  private async finish(begun: BegunText): Promise<TranslatedText> {
    const { text, context, cut, given, results } = begun;
    const { sentences, splitSentences } = cut;
    if (sentences.length === 0) return { hypotheses: [untranslated(cut)], segments: 0, splitSentences };
    const outcomes = await Promise.all(results);
    const cutShorter = sentences.filter((_, k) => !outcomes[k]).map(({ written }) => written);
    if (cutShorter.length > 0) {
      const again = { ...context, tooLong: cutShorter };
      const shorter = await this.cut(text, again);
      return this.finish({ ...begun, context: again, cut: shorter, ...(await this.askForAll(shorter, again)) });
    }
    const known = outcomes.filter((outcome) => outcome !== undefined);
    const { alignments } = context.call.options;
    return {
      hypotheses: hypothesesOf(cut, known, { given, alignments: alignments ? "wanted" : "unwanted" }),
      segments: sentences.length,
      splitSentences,
      ...(alignments ? { sourceTokens: known.flatMap((r) => r.sourcePieces ?? []) } : {}),
    };
  }
}

interface TextContext extends SentenceContext {
  readonly call: TranslateCall;
  /** Those that the model has seen in training. */
  readonly words: KnownWords | undefined;
  /** Segments that proved to have more tokens than the model takes, when the text was cut as texts are. */
  readonly tooLong?: readonly string[];
}

/** A text of a call, and who names it in an error. */
interface CallText {
  readonly text: string | Document;
  readonly refuse: (error: unknown) => never;
  readonly context: TextContext;
}

/** A text whose sentences have all been asked for. */
interface BegunText extends CallText {
  readonly cut: CutDocument;
  /** What its translation begins with as it is. */
  readonly given: Begun["places"];
  /** One for each sentence; undefined: it is too long, and is to be cut. */
  readonly results: readonly Promise<SegmentResult | undefined>[];
}

function contentOf(text: string | Document): string {
  if (typeof text === "string") return text;
  return text.pieces.map((piece) => (typeof piece === "string" ? "" : piece.text)).join("");
}

/** A text with a letter in it has a sentence, but for a few that are only placeholders or markup. */
function hasLetters(text: string | Document): boolean {
  return /\p{L}/u.test(contentOf(text));
}

/** Searches of a sentence: when hypotheses are drawn, each is one. */
function drawsOf({ temperature, nBest }: SearchOptions): number {
  return temperature === 0 ? 1 : nBest;
}

/** What of a request is said of the text with that number. */
function namesOf(k: number): Record<string, string> {
  return { texts: `texts[${k}]`, target_prefixes: `target_prefixes[${k}]` };
}

/** Of a whole text as many as its sentences have. */
function hypothesesOf(
  cut: CutDocument,
  results: readonly SegmentResult[],
  { given, alignments }: Pick<JoinOptions, "alignments"> & Pick<BegunText, "given">,
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

/** White space translates to itself, as does what has no letters. */
function untranslated(cut: CutDocument): TextHypothesis {
  const nothing = { text: cut.write([]), score: 0, logProbability: 0, tokens: [], finishReason: "end" } as const;
  return { ...nothing, cutSegments: 0, guardedSegments: 0, termViolations: cut.violations([]) };
}
