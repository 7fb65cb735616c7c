import { CarouselError } from "../../errors.js";
import { checkTerms, TERM_LIMITS } from "./check-terms.js";
import type { Term, TermCase, TermInflection } from "./term.js";

export interface ReadTermsOptions {
  /** Of all of them. */
  readonly case?: TermCase | undefined;
  readonly inflection?: TermInflection | undefined;
}

/**
 * Terms from text, one a line: SOURCE, a tab, TARGET; other forms behind a |, as in "mouse|mice". Empty lines and those that
 * begin with # are left out.
 * @throws CarouselError INVALID_ARGUMENT naming the line
 */
export function readTerms(lines: readonly string[], options: ReadTermsOptions = {}): Term[] {
  const terms = lines.flatMap((line, k) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const sides = line.split("\t");
    if (sides.length !== 2) {
      throw new CarouselError("INVALID_ARGUMENT", `line ${k + 1} of the terms must be SOURCE, a tab, TARGET`);
    }
    const [[source = "", ...sourceForms], [target = "", ...targetForms]] = sides.map(formsOf) as [string[], string[]];
    return [{ source, target, sourceForms, targetForms, ...options }];
  });
  return checkTerms(terms, { field: "terms", most: TERM_LIMITS.glossary });
}

function formsOf(side: string): string[] {
  return side.split("|").map((form) => form.trim());
}
