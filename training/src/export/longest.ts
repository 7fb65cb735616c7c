/** Tokens a request may have on either side, eos included. */
export const LONGEST = { source: 256, target: 256 };
export const LONGEST_GENERATION = 4096;
