/** Longest piece of text, in tokens, whose repetition is looked for. */
const LONGEST_PERIOD = 16;
/** Tokens that only repeat what came before, and rounds of them, that make a loop. */
const LEAST_TOKENS = 8;
const LEAST_ROUNDS = 3;

/**
 * Where a sequence begins to repeat itself: the index of the first token of a run in which every token equals the one a
 * period before it, long enough to be no figure of speech. Undefined when it nowhere does.
 */
function loopStart(tokens: readonly number[]): number | undefined {
  for (let period = 1; period <= Math.min(LONGEST_PERIOD, tokens.length); period++) {
    const wanted = Math.max(LEAST_TOKENS, LEAST_ROUNDS * period);
    let run = 0;
    for (let at = period; at < tokens.length; at++) {
      run = tokens[at] === tokens[at - period] ? run + 1 : 0;
      if (run >= wanted) return at - run + 1 - period;
    }
  }
  return undefined;
}

/** Whether a translation repeats itself while its source does not. */
export function isLoop(target: readonly number[], source: readonly number[]): boolean {
  return loopStart(target) !== undefined && loopStart(source) === undefined;
}
