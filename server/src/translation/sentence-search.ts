import { randomUUID } from "node:crypto";
import type { CarouselError } from "../errors.js";
import type { Languages } from "../languages.js";
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
import type { Sentence } from "./inline/sentences.js";
import { searchWithTerms } from "./terms/term-search.js";

/** What a call asks for all its sentences. */
export interface SentenceCall {
  readonly options: SearchOptions;
  readonly priority: Priority;
  readonly share?: Share;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
  readonly requestId?: string;
}

/** Of all sentences of a call: once one has failed, no other need be asked for. */
export class Fate {
  error: CarouselError | undefined;

  /** A sentence that proves too long is cut, and asked for again. */
  note(error: CarouselError): void {
    if (error.details.reason !== SOURCE_TOO_LONG) this.error ??= error;
  }
}

export interface SentenceContext {
  readonly call: SentenceCall;
  readonly fate: Fate;
  readonly model: ServedModel;
  /** What the translation begins with. */
  readonly prefix: string;
  readonly languages: Languages;
}

/** One sentence → its segments → queue: one, or as many as its draws and the terms that it must have take. */
export function translateSentence(
  queue: QueueClient,
  sentence: Sentence,
  context: SentenceContext,
): Promise<SegmentResult> {
  if (sentence.demands.length === 0) return searchFor(queue, sentence, context);
  const { call, languages, prefix: given } = context;
  const search = (prefix: string) => searchFor(queue, sentence, { ...context, prefix });
  return searchWithTerms({ ...sentence, given, language: languages.target, nBest: call.options.nBest, search });
}

/** A search gives all hypotheses at once; when they are drawn, each is a draw of its own. */
async function searchFor(queue: QueueClient, sentence: Sentence, context: SentenceContext): Promise<SegmentResult> {
  const { call, fate } = context;
  const { signal } = call;
  const onError = (error: CarouselError) => fate.note(error);
  const askFor = async (c: SentenceCall) => {
    if (fate.error) throw fate.error;
    return ask(queue, segmentOf(sentence, { ...context, call: c }), { signal, onError });
  };
  const { temperature, nBest } = call.options;
  if (temperature === 0 || nBest === 1) return askFor(call);
  const options = { ...call.options, nBest: 1 };
  const draws = await Promise.all(Array.from({ length: nBest }, (_, k) => askFor(withSeed({ ...call, options }, k))));
  const hypotheses = draws.map((d) => d.hypotheses[0]!).sort((a, b) => b.score - a.score);
  return { ...draws[0]!, hypotheses, ...(draws.some((d) => d.guarded) ? { guarded: true } : {}) };
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
export function withSeed<Call extends SentenceCall>(call: Call, sentence: number): Call {
  const { seed } = call.options;
  return seed === undefined ? call : { ...call, options: { ...call.options, seed: derivedSeed(seed, sentence) } };
}
