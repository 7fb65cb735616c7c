import type { PiecePlace } from "../inline/attention.js";
import { type Demand, isAtBeginning } from "./demands.js";
import { folded, occurrences, overlaps } from "./occurrences.js";

/** What may stand in a translation for a demand, the form that is wanted most first: of dog|dogs and chien|chiens, of dogs it is chiens. */
export function targetForms(demand: Demand): string[] {
  const { source, sourceForms, target, targetForms: others } = demand.term;
  const forms = [target, ...others];
  const own = forms[[source, ...sourceForms].indexOf(demand.form)] ?? target;
  return [...new Set([own, ...forms].flatMap((form) => inCaseOf(demand, form)))];
}

/** The form as it is written at that place of a translation. */
export function formAt({ term }: Demand, form: string, place: "first" | "later"): string {
  return place === "first" && term.case !== "exact" ? begun(form) : form;
}

/** Where each demand is met in a translation; undefined where it is not. No two are met by the same words. */
export function placesOfDemands(text: string, demands: readonly Demand[]): (PiecePlace | undefined)[] {
  const places = demands.map((): PiecePlace | undefined => undefined);
  const longestFirst = [...demands.keys()].sort((a, b) => longest(demands[b]!) - longest(demands[a]!));
  for (const k of longestFirst) {
    places[k] = acceptedPlaces(text, demands[k]!).find((place) => !places.some((p) => p && overlaps(p, place)));
  }
  return places;
}

function acceptedPlaces(text: string, demand: Demand): PiecePlace[] {
  const { inflection } = demand.term;
  const comparison = { letters: "as written", ignoreCase: demand.term.case === "any" } as const;
  const read = folded(text, comparison);
  const places = (form: string) => occurrences(read, { form: folded(form, comparison).folded, inflection });
  return targetForms(demand).flatMap((form) => [
    ...places(form),
    ...places(formAt(demand, form, "first")).filter(({ start }) => isAtBeginning(text, start)),
  ]);
}

function longest(demand: Demand): number {
  return Math.max(...targetForms(demand).map((form) => form.length));
}

/** The case of the source, carried over; a capital at its beginning may be the sentence's, and then either will do. */
function inCaseOf({ term, read, form, isFirst }: Demand, target: string): string[] {
  if (term.case !== "match") return [target];
  if (isUpper(read) && !isUpper(form)) return [target.toUpperCase()];
  if (isCapital(read) && !isCapital(form)) return isFirst ? [target, begun(target)] : [begun(target)];
  return [target];
}

/** Two letters or more, and all of them capitals. */
function isUpper(text: string): boolean {
  return text === text.toUpperCase() && (text.match(/\p{Lu}/gu) ?? []).length > 1;
}

function isCapital(text: string): boolean {
  return /^\p{Lu}/u.test(text);
}

/** With a capital in front, unless it has capitals of its own: iPhone. */
function begun(text: string): string {
  const [first = ""] = text;
  if (/\p{Lu}/u.test(text)) return text;
  return first.toUpperCase() + text.slice(first.length);
}
