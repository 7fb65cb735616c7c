import { glossary } from "@carousel/protos";
import type { TermWish } from "../../translation/terms/check-terms.js";
import type { Term, TermCase, TermInflection } from "../../translation/terms/term.js";
import { known } from "./wire-values.js";

const { TermCase: Case, TermInflection: Inflection } = glossary;

const CASES: ReadonlyMap<glossary.TermCase, TermCase> = new Map([
  [Case.TERM_CASE_UNSPECIFIED, "match"],
  [Case.TERM_CASE_MATCH, "match"],
  [Case.TERM_CASE_EXACT, "exact"],
  [Case.TERM_CASE_ANY, "any"],
]);

const INFLECTIONS: ReadonlyMap<glossary.TermInflection, TermInflection> = new Map([
  [Inflection.TERM_INFLECTION_UNSPECIFIED, "listed"],
  [Inflection.TERM_INFLECTION_LISTED, "listed"],
  [Inflection.TERM_INFLECTION_SUFFIX, "suffix"],
]);

/** @throws CarouselError INVALID_ARGUMENT when an enum has a value that is not known */
export function fromWireTerms(terms: readonly glossary.Term[]): TermWish[] {
  return terms.map((term, k) => ({
    ...term,
    case: known(CASES, term.case, `terms[${k}].case`),
    inflection: known(INFLECTIONS, term.inflection, `terms[${k}].inflection`),
  }));
}

export function toWireTerm({ sourceForms, targetForms, ...term }: Term): glossary.Term {
  return {
    ...term,
    sourceForms: [...sourceForms],
    targetForms: [...targetForms],
    case: [...CASES].findLast(([, name]) => name === term.case)![0],
    inflection: [...INFLECTIONS].findLast(([, name]) => name === term.inflection)![0],
  };
}
