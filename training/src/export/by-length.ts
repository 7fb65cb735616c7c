const BATCH = 64;
/** Most tokens of a batch, padding included: beside one very long sentence the others would be as long. */
const BATCH_TOKENS = 64 * 128;

/** Batches of sentences to translate, of like length; all but one sentence alone keep to both limits. */
export function byLength<T extends { readonly ids: readonly number[] }>(sentences: readonly T[]): T[][] {
  const batches: T[][] = [];
  for (const sentence of sentences.toSorted((a, b) => a.ids.length - b.ids.length)) {
    const batch = batches.at(-1);
    const fits = batch && batch.length < BATCH && (batch.length + 1) * sentence.ids.length <= BATCH_TOKENS;
    if (fits) batch.push(sentence);
    else batches.push([sentence]);
  }
  return batches;
}
