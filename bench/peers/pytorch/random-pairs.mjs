/**
 * Pairs of random tokens. Lengths are in tokens as the network sees them, so one of each side is eos.
 * @param lengths of each pair
 */
export function randomPairs(random, { network, lengths }) {
  const tokens = (length, vocabulary) => Array.from({ length: length - 1 }, () => random.below(vocabulary));
  return lengths.map(({ source, target }) => ({
    source: tokens(source, network.sourceVocabulary),
    target: tokens(target, network.targetVocabulary),
  }));
}

/** Lengths of a batch in which no sentence is padded. */
export function equalLengths({ sentences, sourceLength, targetLength }) {
  return Array.from({ length: sentences }, () => ({ source: sourceLength, target: targetLength }));
}
