/** Cuts a stream into windows of `size` items; the last one may be shorter. */
export async function* windowsOf<T>(items: Iterable<T> | AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let window: T[] = [];
  for await (const item of items) {
    window.push(item);
    if (window.length < size) continue;
    yield window;
    window = [];
  }
  if (window.length > 0) yield window;
}

/**
 * Indices of the texts of a window in order of length: even windows from the longest down, odd ones from the shortest
 * up, so that the last texts of one window are as long as the first of the next.
 */
export function lengthOrder(texts: readonly { readonly text: string }[], window: number): number[] {
  const descending = [...texts.keys()].sort((a, b) => texts[b]!.text.length - texts[a]!.text.length);
  return window % 2 === 0 ? descending : descending.reverse();
}
