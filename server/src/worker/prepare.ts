import { CarouselError } from "../errors.js";
import type { Segment } from "../queue/port.js";
import type { ServingModel } from "./serving-model.js";

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
}

/** @throws CarouselError INVALID_ARGUMENT naming the field and what is allowed */
export function prepare(segment: Segment, model: ServingModel): Prepared {
  checkTask(segment, model);
  if (segment.task === "score") return prepareScore(segment, model);
  return segment.task === "generate" ? prepareGenerate(segment, model) : prepareTranslate(segment, model);
}

function checkTask({ task }: Segment, { manifest }: ServingModel): void {
  const allowed = manifest.task === "translation" ? ["translate", "score"] : ["generate", "score"];
  if (!allowed.includes(task)) {
    throw invalid(
      "model",
      `${manifest.name} is a ${manifest.task} model: it can ${allowed.join(" and ")}, not ${task}`,
    );
  }
}

function prepareTranslate({ text, options }: Segment, model: ServingModel): Prepared {
  const { target } = model.manifest.limits;
  const maxSteps = Math.min(options.maxLength ?? target, target);
  return { source: encodeSource(text, model), forced: [], maxSteps, skip: 0 };
}

function prepareGenerate({ text, options }: Segment, { manifest, target }: ServingModel): Prepared {
  const prompt = target.encode(text);
  const limit = manifest.limits.target;
  if (prompt.length >= limit) {
    throw invalid("prompt", `the prompt has ${prompt.length} tokens; the limit of ${manifest.name} is ${limit - 1}`);
  }
  const room = limit - prompt.length;
  const maxSteps = prompt.length + Math.min(options.maxLength ?? room, room);
  return { source: [], forced: prompt, maxSteps, skip: prompt.length };
}

function prepareScore({ text, target }: Segment, model: ServingModel): Prepared {
  const { manifest } = model;
  const translation = manifest.task === "translation";
  if (translation && target === undefined) {
    throw invalid("target", `${manifest.name} is a translation model: scoring needs a target beside the source`);
  }
  // a language model learns from running text, in which nothing ends
  const forced = translation
    ? [...model.target.encode(target ?? ""), manifest.special.eos]
    : model.target.encode(target === undefined ? text : text + target);
  const limit = manifest.limits.target;
  if (forced.length > limit) {
    throw invalid(
      translation ? "target" : "text",
      over("the text to score", forced.length, { name: manifest.name, limit }),
    );
  }
  return { source: translation ? encodeSource(text, model) : [], forced, maxSteps: forced.length, skip: 0 };
}

function encodeSource(text: string, { manifest, source }: ServingModel): number[] {
  if (manifest.task !== "translation" || !source) return [];
  const ids = [...source.encode(text), manifest.special.eos];
  const limit = manifest.limits.source;
  if (ids.length > limit) throw invalid("text", over("the source", ids.length, { name: manifest.name, limit }));
  return ids;
}

function over(what: string, tokens: number, { name, limit }: { name: string; limit: number }): string {
  return `${what} has ${tokens} tokens; the limit of ${name} is ${limit}`;
}

function invalid(field: string, description: string): CarouselError {
  return new CarouselError("INVALID_ARGUMENT", description, { violations: [{ field, description }] });
}
