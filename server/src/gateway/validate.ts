import { invalid } from "../errors.js";
import { GREEDY, type SearchOptions } from "../queue/port.js";

/** What a request may hold. */
export const LIMITS = {
  texts: 256,
  characters: 10_000,
  beamSize: 16,
  lengthPenalty: 10,
  coveragePenalty: 10,
  patience: 4,
  maxLength: 4096,
  temperature: 10,
  topK: 1_000_000,
  suppress: 256,
  repetitionPenalty: 10,
  noRepeatNgram: 16,
  stop: 16,
  stopCharacters: 256,
  /** 300 years: a time behind it is still a whole number to every client. */
  retentionSeconds: 10_000_000_000,
} as const;

const DEFAULT_BEAM = 5;
const DEFAULT_MAX_TOKENS = 256;

/** What may be asked of a search and of sampling alike; 0, [] and undefined mean the default. */
interface CommonWishes {
  readonly temperature?: number | undefined;
  readonly topK?: number | undefined;
  readonly topP?: number | undefined;
  readonly seed?: number | undefined;
  readonly suppress?: readonly string[] | undefined;
  readonly repetitionPenalty?: number | undefined;
  readonly noRepeatNgram?: number | undefined;
}

/** Wishes as they come over the wire; 0, [] and undefined mean the default. */
export interface TranslateWishes extends CommonWishes {
  readonly beamSize?: number | undefined;
  readonly nBest?: number | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly lengthPenalty?: number | undefined;
  readonly coveragePenalty?: number | undefined;
  readonly patience?: number | undefined;
  readonly alignments?: boolean | undefined;
  readonly noShortlist?: boolean | undefined;
  readonly allowLoops?: boolean | undefined;
}

export interface GenerateWishes extends CommonWishes {
  readonly minTokens?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly stop?: readonly string[] | undefined;
}

/** @throws CarouselError INVALID_ARGUMENT naming the text and the limit */
export function checkTexts(texts: readonly string[], most: number = LIMITS.texts): void {
  if (texts.length === 0) invalid("texts", "must hold at least one text");
  if (texts.length > most) invalid("texts", `has ${texts.length} texts; at most ${most} are allowed`);
  texts.forEach((text, k) => void checkText(text, `texts[${k}]`));
}

/** None, or one for each text. @throws CarouselError INVALID_ARGUMENT */
export function checkPrefixes(prefixes: readonly string[], texts: readonly string[]): void {
  if (prefixes.length !== 0 && prefixes.length !== texts.length) {
    invalid(
      "target_prefixes",
      `has ${prefixes.length} prefixes for ${texts.length} texts; none or one for each is allowed`,
    );
  }
  prefixes.forEach((prefix, k) => void checkText(prefix, `target_prefixes[${k}]`));
}

/** @throws CarouselError INVALID_ARGUMENT naming the pair and the limit */
export function checkPairs(pairs: readonly { readonly source: string; readonly target: string }[]): void {
  if (pairs.length === 0) invalid("pairs", "must hold at least one pair");
  if (pairs.length > LIMITS.texts) invalid("pairs", `has ${pairs.length} pairs; at most ${LIMITS.texts} are allowed`);
  pairs.forEach(({ source, target }, k) => {
    checkText(source, `pairs[${k}].source`);
    checkText(target, `pairs[${k}].target`);
  });
}

export function checkText(text: string, field: string): void {
  if (text.length > LIMITS.characters) {
    invalid(field, `has ${text.length} characters; at most ${LIMITS.characters} are allowed`);
  }
}

/** @throws CarouselError INVALID_ARGUMENT naming the option and what is allowed */
export function searchOptions(wishes: TranslateWishes = {}): SearchOptions {
  const { temperature = 0, minLength = 0, lengthPenalty, coveragePenalty = 0, patience = 1 } = wishes;
  inRange("options.temperature", temperature, { min: 0, max: LIMITS.temperature });
  const beamSize = wishes.beamSize || (temperature > 0 ? 1 : DEFAULT_BEAM);
  const nBest = wishes.nBest || 1;
  whole("options.beam_size", beamSize, { min: 1, max: LIMITS.beamSize });
  if (temperature > 0 && beamSize > 1) {
    invalid("options.beam_size", `is ${beamSize}; with a temperature above 0 it must be 1`);
  }
  if (temperature > 0 && patience > 1) {
    invalid("options.patience", `is ${patience}; with a temperature above 0, where nothing is searched, it must be 1`);
  }
  if (temperature === 0) onlyOfDraws(wishes);
  whole("options.n_best", nBest, { min: 1, max: temperature > 0 ? LIMITS.beamSize : beamSize });
  if (lengthPenalty !== undefined) {
    inRange("options.length_penalty", lengthPenalty, { min: 0, max: LIMITS.lengthPenalty });
  }
  inRange("options.coverage_penalty", coveragePenalty, { min: 0, max: LIMITS.coveragePenalty });
  inRange("options.patience", patience, { min: 1, max: LIMITS.patience });
  if (wishes.maxLength) whole("options.max_length", wishes.maxLength, { min: 1, max: LIMITS.maxLength });
  whole("options.min_length", minLength, { min: 0, max: wishes.maxLength || LIMITS.maxLength });
  return {
    ...commonOptions("options.", wishes),
    beamSize,
    nBest,
    ...(wishes.maxLength ? { maxLength: wishes.maxLength } : {}),
    minLength,
    ...(lengthPenalty === undefined ? {} : { lengthPenalty }),
    temperature,
    alignments: wishes.alignments ?? false,
    ...(coveragePenalty > 0 ? { coveragePenalty } : {}),
    ...(patience !== 1 ? { patience } : {}),
    ...(wishes.noShortlist ? { shortlist: "off" as const } : {}),
    ...(wishes.allowLoops ? { loops: "allowed" as const } : {}),
  };
}

/** A beam is of the likeliest continuations, whatever their probability. */
function onlyOfDraws({ topK = 0, topP = 1 }: TranslateWishes): void {
  const allowed = "it is for draws, whose temperature is above 0";
  if (topK > 0) invalid("options.top_k", `is ${topK}; ${allowed}`);
  if (topP > 0 && topP < 1) invalid("options.top_p", `is ${topP}; ${allowed}`);
}

/** @throws CarouselError INVALID_ARGUMENT naming the option and what is allowed */
export function samplingOptions(wishes: GenerateWishes = {}): SearchOptions {
  const maxLength = wishes.maxTokens || DEFAULT_MAX_TOKENS;
  const { temperature = 1, minTokens = 0, stop = [] } = wishes;
  whole("max_tokens", maxLength, { min: 1, max: LIMITS.maxLength });
  whole("min_tokens", minTokens, { min: 0, max: maxLength });
  inRange("temperature", temperature, { min: 0, max: LIMITS.temperature });
  checkStop(stop);
  return {
    ...GREEDY,
    ...commonOptions("", wishes),
    maxLength,
    minLength: minTokens,
    temperature,
    ...(stop.length > 0 ? { stop } : {}),
  };
}

type CommonOptions = Pick<SearchOptions, "topK" | "topP" | "seed" | "suppress" | "repetitionPenalty" | "noRepeatNgram">;

/** @param at what the field names begin with */
function commonOptions(at: string, wishes: CommonWishes): CommonOptions {
  const { topK = 0, topP = 1, seed, suppress = [], repetitionPenalty = 1, noRepeatNgram = 0 } = wishes;
  whole(`${at}top_k`, topK, { min: 0, max: LIMITS.topK });
  if (!(topP > 0 && topP <= 1)) invalid(`${at}top_p`, `is ${topP}; it must be above 0 and at most 1`);
  if (seed !== undefined) whole(`${at}seed`, seed, { min: 0, max: 2 ** 32 - 1 });
  if (suppress.length > LIMITS.suppress) {
    invalid(`${at}suppress`, `has ${suppress.length} tokens; at most ${LIMITS.suppress} are allowed`);
  }
  if (!(repetitionPenalty > 0 && repetitionPenalty <= LIMITS.repetitionPenalty)) {
    const allowed = `it must be above 0 and at most ${LIMITS.repetitionPenalty}`;
    invalid(`${at}repetition_penalty`, `is ${repetitionPenalty}; ${allowed}`);
  }
  whole(`${at}no_repeat_ngram`, noRepeatNgram, { min: 0, max: LIMITS.noRepeatNgram });
  return {
    topK,
    topP,
    ...(seed === undefined ? {} : { seed }),
    ...(suppress.length > 0 ? { suppress } : {}),
    ...(repetitionPenalty !== 1 ? { repetitionPenalty } : {}),
    ...(noRepeatNgram > 0 ? { noRepeatNgram } : {}),
  };
}

function checkStop(stop: readonly string[]): void {
  if (stop.length > LIMITS.stop) invalid("stop", `has ${stop.length} sequences; at most ${LIMITS.stop} are allowed`);
  const bad = stop.findIndex((s) => s === "" || s.length > LIMITS.stopCharacters);
  if (bad >= 0) {
    const { length } = stop[bad]!;
    invalid(`stop[${bad}]`, `has ${length} characters; 1 to ${LIMITS.stopCharacters} are allowed`);
  }
}

/** @throws CarouselError INVALID_ARGUMENT naming the field and what is allowed */
export function whole(field: string, value: number, { min, max }: { min: number; max: number }): void {
  if (!Number.isInteger(value)) invalid(field, `is ${value}; it must be a whole number`);
  inRange(field, value, { min, max });
}

function inRange(field: string, value: number, { min, max }: { min: number; max: number }): void {
  if (!(value >= min && value <= max)) invalid(field, `is ${value}; it must be from ${min} to ${max}`);
}
