import { CarouselError, invalid } from "../errors.js";
import type { ModelCatalog, ModelQuery } from "../gateway/model-catalog.js";
import { sameLanguage } from "../languages.js";
import { checkTerms, TERM_LIMITS, type TermWish } from "../translation/terms/check-terms.js";
import type { Term } from "../translation/terms/term.js";
import { type Glossary, type GlossaryStore, type GlossarySummary, summaryOf } from "./glossary.js";

const NAME = /^[a-z0-9_-]{1,64}$/;
const LANGUAGE = /^[a-z]{2,3}(-[a-z0-9]{1,8})*$/i;

/** What a request says of its terms. */
export interface TermsWish {
  /** Names of glossaries. */
  readonly glossaries: readonly string[];
  /** Terms of the request itself, which come first. */
  readonly terms: readonly TermWish[];
}

/** Glossaries as callers use them: checked, and with errors for what is not there. */
export class Glossaries {
  constructor(
    private readonly store: GlossaryStore,
    private readonly catalog: ModelCatalog,
  ) {}

  /** @throws CarouselError INVALID_ARGUMENT naming the field and what is allowed, ALREADY_EXISTS */
  async create(wish: Omit<Glossary, "terms"> & { terms: readonly TermWish[] }): Promise<GlossarySummary> {
    const { name, sourceLanguage, targetLanguage } = wish;
    if (!NAME.test(name)) invalid("name", `is ${JSON.stringify(name)}; it must be 1 to 64 of a–z, 0–9, - and _`);
    for (const [field, language] of Object.entries({
      source_language: sourceLanguage,
      target_language: targetLanguage,
    })) {
      if (!LANGUAGE.test(language)) invalid(field, `is ${JSON.stringify(language)}; it must be a language, such as ja`);
    }
    if (wish.terms.length === 0) invalid("terms", "must hold at least one term");
    const terms = checkTerms(wish.terms, { field: "terms", most: TERM_LIMITS.glossary });
    const glossary = { name, sourceLanguage, targetLanguage, terms };
    if (await this.store.create(glossary)) return summaryOf(glossary);
    throw new CarouselError("ALREADY_EXISTS", `there is a glossary ${name} already; delete it first`);
  }

  /** @throws CarouselError NOT_FOUND naming what there is */
  async get(name: string): Promise<Glossary> {
    return (NAME.test(name) && (await this.store.get(name))) || this.notFound(name);
  }

  list(): Promise<readonly GlossarySummary[]> {
    return this.store.list();
  }

  /** @throws CarouselError NOT_FOUND naming what there is */
  async delete(name: string): Promise<void> {
    if (!NAME.test(name) || !(await this.store.delete(name))) await this.notFound(name);
  }

  /**
   * The terms of a request, its own first.
   * @throws CarouselError NOT_FOUND, INVALID_ARGUMENT naming the field and what is allowed
   */
  async termsOf({ glossaries, terms }: TermsWish, query: ModelQuery): Promise<Term[]> {
    const own = checkTerms(terms, { field: "terms", most: TERM_LIMITS.inline });
    if (glossaries.length === 0) return own;
    if (glossaries.length > TERM_LIMITS.glossaries) {
      invalid("glossaries", `has ${glossaries.length} names; at most ${TERM_LIMITS.glossaries} are allowed`);
    }
    const model = await this.catalog.resolve({ ...query, task: "translation" });
    const found = await Promise.all(glossaries.map((name) => this.get(name)));
    for (const { name, sourceLanguage, targetLanguage } of found) {
      if (
        sameLanguage(sourceLanguage, model.sourceLanguage ?? "") &&
        sameLanguage(targetLanguage, model.targetLanguage)
      )
        continue;
      const pair = `${model.sourceLanguage} to ${model.targetLanguage}`;
      invalid("glossaries", `name ${name}, which is for ${sourceLanguage} to ${targetLanguage}; the model has ${pair}`);
    }
    return [...own, ...found.flatMap((glossary) => glossary.terms)];
  }

  private async notFound(name: string): Promise<never> {
    const names = (await this.store.list()).map((glossary) => glossary.name);
    const there = names.length > 0 ? `there are: ${names.join(", ")}` : "there is none";
    throw new CarouselError("NOT_FOUND", `there is no glossary ${name}; ${there}`);
  }
}
