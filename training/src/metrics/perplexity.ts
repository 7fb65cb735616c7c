/**
 * e to the mean cross-entropy: among how many equally likely tokens the model hesitates.
 * @param options.nats minus the sum of natural log-probabilities of the tokens
 * @throws RangeError when there is no token
 */
export function perplexity({ nats, tokens }: { readonly nats: number; readonly tokens: number }): number {
  if (!(tokens > 0)) throw new RangeError(`perplexity needs at least one token, there are ${tokens}`);
  return Math.exp(nats / tokens);
}

/**
 * Cross-entropy in bits for each character of the text, which compares models with different tokenizers.
 * @throws RangeError when there is no character
 */
export function bitsPerCharacter({ nats, characters }: { readonly nats: number; readonly characters: number }): number {
  if (!(characters > 0))
    throw new RangeError(`bits per character need at least one character, there are ${characters}`);
  return nats / Math.LN2 / characters;
}
