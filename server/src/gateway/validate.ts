import { CarouselError } from "../errors.js";
import type { SearchOptions } from "../queue/port.js";

/** What a request may hold. */
export const LIMITS = {
  texts: 256,
  characters: 10_000,
  beamSize: 16,
  lengthPenalty: 10,
  maxLength: 4096,
  temperature: 10,
  topK: 1_000_000,
} as const;

const DEFAULT_BEAM = 5;
const DEFAULT_MAX_TOKENS = 256;

/** Wishes as they come over the wire; 0 and undefined mean the default. */
export interface TranslateWishes {
  readonly beamSize?: number | undefined;
  readonly nBest?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly lengthPenalty?: number | undefined;
  readonly alignments?: boolean | undefined;
}

export interface GenerateWishes {
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topK?: number | undefined;
  readonly topP?: number | undefined;
  readonly seed?: number | undefined;
}

/** @throws CarouselError INVALID_ARGUMENT naming the text and the limit */
export function checkTexts(texts: readonly string[], most: number = LIMITS.texts): void {
  if (texts.length === 0) invalid("texts", "must hold at least one text");
  if (texts.length > most) invalid("texts", `has ${texts.length} texts; at most ${most} are allowed`);
  texts.forEach((text, k) => void checkText(text, `texts[${k}]`));
}

export function checkText(text: string, field: string): void {
  if (text.length > LIMITS.characters) {
    invalid(field, `has ${text.length} characters; at most ${LIMITS.characters} are allowed`);
  }
}

/** @throws CarouselError INVALID_ARGUMENT naming the option and what is allowed */
export function searchOptions(wishes: TranslateWishes = {}): SearchOptions {
  const beamSize = wishes.beamSize || DEFAULT_BEAM;
  const nBest = wishes.nBest || 1;
  whole("options.beam_size", beamSize, { min: 1, max: LIMITS.beamSize });
  whole("options.n_best", nBest, { min: 1, max: beamSize });
  const lengthPenalty = wishes.lengthPenalty ?? 1;
  inRange("options.length_penalty", lengthPenalty, { min: 0, max: LIMITS.lengthPenalty });
  if (wishes.maxLength) whole("options.max_length", wishes.maxLength, { min: 1, max: LIMITS.maxLength });
  return {
    beamSize,
    nBest,
    ...(wishes.maxLength ? { maxLength: wishes.maxLength } : {}),
    minLength: 0,
    lengthPenalty,
    temperature: 0,
    topK: 0,
    topP: 1,
    alignments: wishes.alignments ?? false,
  };
}

/** @throws CarouselError INVALID_ARGUMENT naming the option and what is allowed */
export function samplingOptions(wishes: GenerateWishes = {}): SearchOptions {
  const maxLength = wishes.maxTokens || DEFAULT_MAX_TOKENS;
  const { temperature = 1, topK = 0, topP = 1, seed } = wishes;
  whole("max_tokens", maxLength, { min: 1, max: LIMITS.maxLength });
  inRange("temperature", temperature, { min: 0, max: LIMITS.temperature });
  whole("top_k", topK, { min: 0, max: LIMITS.topK });
  if (!(topP > 0 && topP <= 1)) invalid("top_p", `is ${topP}; it must be above 0 and at most 1`);
  if (seed !== undefined) whole("seed", seed, { min: 0, max: 2 ** 32 - 1 });
  return {
    beamSize: 1,
    nBest: 1,
    maxLength,
    minLength: 0,
    lengthPenalty: 0,
    temperature,
    topK,
    topP,
    ...(seed === undefined ? {} : { seed }),
    alignments: false,
  };
}

function whole(field: string, value: number, { min, max }: { min: number; max: number }): void {
  if (!Number.isInteger(value)) invalid(field, `is ${value}; it must be a whole number`);
  inRange(field, value, { min, max });
}

function inRange(field: string, value: number, { min, max }: { min: number; max: number }): void {
  if (!(value >= min && value <= max)) invalid(field, `is ${value}; it must be from ${min} to ${max}`);
}

function invalid(field: string, description: string): never {
  throw new CarouselError("INVALID_ARGUMENT", `${field} ${description}`, { violations: [{ field, description }] });
}
