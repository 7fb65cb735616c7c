import { invalid } from "../../errors.js";
import type { Term, TermCase, TermInflection } from "./term.js";

export const TERM_LIMITS = { characters: 256, forms: 16, inline: 1000, glossary: 10_000, glossaries: 8 } as const;

/** A term as it comes over the wire; what is absent has its default. */
export interface TermWish {
  readonly source: string;
  readonly target: string;
  readonly sourceForms?: readonly string[] | undefined;
  readonly targetForms?: readonly string[] | undefined;
  readonly case?: TermCase | undefined;
  readonly inflection?: TermInflection | undefined;
}

/** @throws CarouselError INVALID_ARGUMENT naming the field and what is allowed */
export function checkTerms(wishes: readonly TermWish[], { field, most }: { field: string; most: number }): Term[] {
  if (wishes.length > most) invalid(field, `has ${wishes.length} terms; at most ${most} are allowed`);
  return wishes.map((wish, k) => checkTerm(wish, `${field}[${k}]`));
}

function checkTerm(wish: TermWish, field: string): Term {
  const { source, target, sourceForms = [], targetForms = [] } = wish;
  checkForm(source, `${field}.source`);
  checkForm(target, `${field}.target`);
  checkForms(sourceForms, `${field}.source_forms`);
  checkForms(targetForms, `${field}.target_forms`);
  const { case: termCase = "match", inflection = "listed" } = wish;
  return { source, target, sourceForms, targetForms, case: termCase, inflection };
}

function checkForms(forms: readonly string[], field: string): void {
  if (forms.length > TERM_LIMITS.forms) {
    invalid(field, `has ${forms.length} forms; at most ${TERM_LIMITS.forms} are allowed`);
  }
  forms.forEach((form, k) => void checkForm(form, `${field}[${k}]`));
}

function checkForm(form: string, field: string): void {
  if (form.trim() === "") invalid(field, `is empty; it must have 1 to ${TERM_LIMITS.characters} characters`);
  if (form !== form.trim() || /\s/.test(form.replaceAll(" ", ""))) {
    invalid(field, "may have no space around it, and no white space in it but spaces");
  }
  if (form.length > TERM_LIMITS.characters) {
    invalid(field, `has ${form.length} characters; at most ${TERM_LIMITS.characters} are allowed`);
  }
}
