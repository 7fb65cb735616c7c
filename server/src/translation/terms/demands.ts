import type { PiecePlace } from "../inline/attention.js";
import { type Comparison, folded, occurrences } from "./occurrences.js";
import type { Term, TermCase } from "./term.js";

/** A term at its place in a source sentence: the translation must have its target, once for each. */
export interface Demand extends PiecePlace {
  readonly term: Term;
  /** As the sentence writes it. */
  readonly written: string;
  /** As the model reads it: in small letters where all of the sentence is in capitals. */
  readonly read: string;
  /** The form of the term that was found. */
  readonly form: string;
  /** Whether no word stands before it: a capital may be the sentence's. */
  readonly isFirst: boolean;
}

/**
 * The terms in a sentence. Of terms that overlap the longest holds, of equal ones the first in the list.
 * @param closed stretches that are not looked into: stand-ins of placeholders
 */
export function demandsOf(text: string, terms: readonly Term[], closed: readonly PiecePlace[]): Demand[] {
  if (terms.length === 0) return [];
  const exact = folded(text, comparison("exact"));
  const anyCase = folded(text, comparison("any"));
  const found = terms.flatMap((term) =>
    sourceForms(term).flatMap(({ form, sought }) =>
      occurrences(term.case === "exact" ? exact : anyCase, { form: sought, inflection: term.inflection }).map(
        (place): Demand => {
          const written = text.slice(place.start, place.end);
          return { ...place, ...{ term, form, written, read: written }, isFirst: isAtBeginning(text, place.start) };
        },
      ),
    ),
  );
  const chosen: Demand[] = [];
  const taken = new Uint8Array(text.length);
  for (const { start, end } of closed) taken.fill(1, start, end);
  for (const demand of found.sort((a, b) => b.end - b.start - (a.end - a.start))) {
    const { start, end } = demand;
    if (taken.subarray(start, end).includes(1)) continue;
    taken.fill(1, start, end);
    chosen.push(demand);
  }
  return chosen.sort((a, b) => a.start - b.start);
}

function comparison(termCase: TermCase): Comparison {
  return { letters: "however written", ignoreCase: termCase !== "exact" };
}

interface SourceForm {
  readonly form: string;
  /** As texts are folded. */
  readonly sought: string;
}

/** A list of terms is looked for in many texts. */
const known = new WeakMap<Term, readonly SourceForm[]>();

function sourceForms(term: Term): readonly SourceForm[] {
  const made =
    known.get(term) ??
    [term.source, ...term.sourceForms].map((form) => ({ form, sought: folded(form, comparison(term.case)).folded }));
  known.set(term, made);
  return made;
}

/** Whether no letter and no digit comes before. */
export function isAtBeginning(text: string, at: number): boolean {
  return !/[\p{L}\p{N}]/u.test(text.slice(0, at));
}
