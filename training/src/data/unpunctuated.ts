import type { ParallelText } from "./parallel.js";

/** What ends a sentence, and the space in front of it that French has. */
const END = /\s*[.!?…。．！？]+\s*$/u;

/**
 * The pairs whose sides both end with a full stop or the like, without it. A model that has seen sentences only knows no
 * heading, no label and no single word: what does not end as it should is so unlike all that it knows that it says anything.
 */
export function unpunctuated({ source, target }: ParallelText): ParallelText {
  const ended = source.flatMap((sentence, k) => (END.test(sentence) && END.test(target[k]!) ? [k] : []));
  const cut = (side: readonly string[]) => ended.map((k) => side[k]!.replace(END, ""));
  return { source: cut(source), target: cut(target) };
}
