/** Target tokens that every sentence may use, the most frequent ones, and others that a source token has at most. */
export const LEXICON_DEFAULTS = { common: 500, best: 30 } as const;
