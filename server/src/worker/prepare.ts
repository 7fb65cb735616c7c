import { CarouselError, invalid } from "../errors.js";
import { type Segment, SOURCE_TOO_LONG } from "../queue/port.js";
import { plainMarks } from "./plain-marks.js";
import type { ServingModel, TextCodec } from "./serving-model.js";

/** A segment in ids, checked against the limits of its model. */
export interface Prepared {
  /** Source ids with eos; empty for a generation model. */
  readonly source: readonly number[];
  /** Target ids that are given: a prompt, or a text to score. */
  readonly forced: readonly number[];
  /** Steps of search, `forced` included. */
  readonly maxSteps: number;
  /** Steps of `forced` that are no part of the answer. */
  readonly skip: number;
  /** Target ids that are never chosen. */
  readonly suppressed: readonly number[];
}

type Texts = Omit<Prepared, "suppressed">;

/**
 * @throws CarouselError INVALID_ARGUMENT naming the field and what is allowed, FAILED_PRECONDITION naming the option that
 * the model's decoder does not know
 */
export function prepare(segment: Segment, model: ServingModel): Prepared {
  checkTask(segment, model);
  checkWishes(segment, model);
  return { ...prepareTexts(segment, model), suppressed: suppressedIds(segment, model) };
}

function prepareTexts(segment: Segment, model: ServingModel): Texts {
  if (segment.task === "score") return prepareScore(segment, model);
  return segment.task === "generate" ? prepareGenerate(segment, model) : prepareTranslate(segment, model);
}

function checkTask({ task }: Segment, { manifest }: ServingModel): void {
  const allowed = manifest.task === "translation" ? ["translate", "score"] : ["generate", "score"];
  if (!allowed.includes(task)) {
    invalid("model", `${manifest.name} is a ${manifest.task} model: it can ${allowed.join(" and ")}, not ${task}`);
  }
}

function checkWishes({ options }: Segment, { manifest }: ServingModel): void {
  if (manifest.formatVersion > 1) return;
  const { patience = 1, suppress = [], repetitionPenalty = 1, noRepeatNgram = 0 } = options;
  const wishes = {
    patience: patience !== 1,
    suppress: suppress.length > 0,
    repetition_penalty: repetitionPenalty !== 1,
    no_repeat_ngram: noRepeatNgram > 0,
  };
  const unknown = Object.entries(wishes).find(([, asked]) => asked)?.[0];
  if (!unknown) return;
  throw new CarouselError(
    "FAILED_PRECONDITION",
    `${manifest.name} is a bundle of format 1, whose decoder knows no ${unknown}; carousel models upgrade makes it one of format 2`,
    { reason: "MODEL_LACKS_OPTION" },
  );
}

function suppressedIds({ task, options: { suppress = [] } }: Segment, { manifest, target }: ServingModel): number[] {
  if (suppress.length === 0) return [];
  const pieces = idsByPiece(target, manifest.vocabulary.target);
  return suppress.map((text) => {
    const known = pieces.get(text);
    if (known !== undefined) return known;
    const ids = target.encode(text);
    if (ids.length === 1 && ids[0] !== manifest.special.unk) return ids[0]!;
    const split = ids.map((id) => JSON.stringify(target.piece(id))).join(" ") || "none";
    const field = task === "generate" ? "suppress" : "options.suppress";
    return invalid(field, `has ${JSON.stringify(text)}, which is no token of ${manifest.name}: it is ${split}`);
  });
}

const vocabularies = new WeakMap<TextCodec, ReadonlyMap<string, number>>();

function idsByPiece(codec: TextCodec, size: number): ReadonlyMap<string, number> {
  const known = vocabularies.get(codec) ?? new Map(Array.from({ length: size }, (_, id) => [codec.piece(id), id]));
  vocabularies.set(codec, known);
  return known;
}

function prepareTranslate({ text, target: prefix = "", options }: Segment, model: ServingModel): Texts {
  const { name, limits } = model.manifest;
  const maxSteps = Math.min(options.maxLength ?? limits.target, limits.target);
  if (options.minLength > limits.target) {
    invalid("options.min_length", `is ${options.minLength}; the limit of ${name} is ${limits.target}`);
  }
  const forced = model.target.encode(prefix);
  if (forced.length >= maxSteps) {
    const whose = maxSteps < limits.target ? "options.max_length" : name;
    invalid("target_prefixes", over(forced.length, { name: whose, limit: maxSteps - 1 }));
  }
  return { source: encodeSource(text, model), forced, maxSteps, skip: 0 };
}

function prepareGenerate({ text, options }: Segment, { manifest, target }: ServingModel): Texts {
  const prompt = target.encode(text);
  const limit = manifest.limits.target;
  if (prompt.length >= limit) {
    invalid("prompt", over(prompt.length, { name: manifest.name, limit: limit - 1 }));
  }
  const room = limit - prompt.length;
  if (options.minLength > room) {
    invalid("min_tokens", `is ${options.minLength}; behind the prompt ${manifest.name} has room for ${room}`);
  }
  const maxSteps = prompt.length + Math.min(options.maxLength ?? room, room);
  return { source: [], forced: prompt, maxSteps, skip: prompt.length };
}

function prepareScore({ text, target }: Segment, model: ServingModel): Texts {
  const { manifest } = model;
  const translation = manifest.task === "translation";
  if (translation && target === undefined) {
    invalid(
      "target",
      `is missing: ${manifest.name} is a translation model, and scoring needs a target beside the source`,
    );
  }
  // a language model learns from running text, in which nothing ends
  const forced = translation
    ? [...model.target.encode(target ?? ""), manifest.special.eos]
    : model.target.encode(target === undefined ? text : text + target);
  const limit = manifest.limits.target;
  if (forced.length > limit) {
    invalid(translation ? "target" : "text", over(forced.length, { name: manifest.name, limit }));
  }
  return { source: translation ? encodeSource(text, model) : [], forced, maxSteps: forced.length, skip: 0 };
}

function encodeSource(text: string, { manifest, source }: ServingModel): number[] {
  if (manifest.task !== "translation" || !source) return [];
  const ids = [...source.encode(plainMarks(text, source, manifest.languages.source)), manifest.special.eos];
  const limit = manifest.limits.source;
  if (ids.length <= limit) return ids;
  const description = over(ids.length, { name: manifest.name, limit });
  const violations = [{ field: "source", description }];
  throw new CarouselError("INVALID_ARGUMENT", `the source ${description}`, { violations, reason: SOURCE_TOO_LONG });
}

function over(tokens: number, { name, limit }: { name: string; limit: number }): string {
  return `has ${tokens} tokens; the limit of ${name} is ${limit}`;
}
