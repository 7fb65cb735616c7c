import type { Term } from "../translation/terms/term.js";

/** Terms by a name, for one pair of languages. */
export interface Glossary {
  readonly name: string;
  /** BCP 47. */
  readonly sourceLanguage: string;
  readonly targetLanguage: string;
  readonly terms: readonly Term[];
}

/** A glossary without its terms. */
export interface GlossarySummary extends Omit<Glossary, "terms"> {
  readonly termCount: number;
}

/** Where glossaries are kept. A glossary is there whole or not at all, and never changes. */
export interface GlossaryStore {
  /** false when there is one of that name, which stays as it is. */
  create(glossary: Glossary): Promise<boolean>;
  get(name: string): Promise<Glossary | undefined>;
  /** Sorted by name. */
  list(): Promise<readonly GlossarySummary[]>;
  /** false when there was none of that name. */
  delete(name: string): Promise<boolean>;
  close(): Promise<void>;
}

export function summaryOf({ terms, ...glossary }: Glossary): GlossarySummary {
  return { ...glossary, termCount: terms.length };
}
