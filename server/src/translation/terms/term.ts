export const TERM_CASES = ["match", "exact", "any"] as const;
export const TERM_INFLECTIONS = ["listed", "suffix"] as const;

/**
 * match: found in any case; written with a capital, or in capitals, where the source is. exact: found and written in this
 * case only. any: found and accepted in any case.
 */
export type TermCase = (typeof TERM_CASES)[number];

/** listed: the forms that are given and no other. suffix: also words that go on for a few letters (dog → dogs). */
export type TermInflection = (typeof TERM_INFLECTIONS)[number];

/** What a word or phrase of the source must become. */
export interface Term {
  readonly source: string;
  readonly target: string;
  /** Other forms of the source that the term holds for. */
  readonly sourceForms: readonly string[];
  /** Other forms of the target that are as good. */
  readonly targetForms: readonly string[];
  readonly case: TermCase;
  readonly inflection: TermInflection;
}

/** A term that a translation should have and has not. */
export interface TermViolation {
  /** As the term names them. */
  readonly source: string;
  readonly target: string;
  /** As the source text writes it. */
  readonly written: string;
}
