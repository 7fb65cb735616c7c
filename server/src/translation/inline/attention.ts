/** Where the pieces of a text lie in it: characters from start up to end. */
export interface PiecePlace {
  readonly start: number;
  readonly end: number;
}

const BYTE = /^<0x([0-9A-F]{2})>$/;

/**
 * Finds each piece of a SentencePiece segmentation in the text it was made of. White space does not count; where
 * reading changed the number of characters (& is "and"), places are in proportion between the ends that are the same.
 * @param pieces with ▁ for a space; control pieces such as </s> lie behind the end
 */
export function placesOf(pieces: readonly string[], text: string): PiecePlace[] {
  const positions = [...text.matchAll(/\S/gu)].map((m) => ({ start: m.index, end: m.index + m[0].length }));
  const lengths = pieces.map(lengthOf);
  const total = lengths.reduce((sum, n) => sum + n, 0);
  const scaled = total === positions.length ? (at: number) => at : inProportion(pieces, text, positions.length);
  let before = 0;
  return lengths.map((length) => {
    const [first, last] = [Math.floor(scaled(before)), Math.ceil(scaled(before + length)) - 1];
    before += length;
    const [start, end] = [positions[first]?.start ?? text.length, positions[last]?.end ?? text.length];
    return length === 0 ? { start, end: start } : { start, end: Math.max(start, end) };
  });
}

/** From a character of the pieces, white space left out, to one of the text that has so many. */
function inProportion(pieces: readonly string[], text: string, length: number): (at: number) => number {
  const read = pieces.flatMap((piece) =>
    /^<[^<>]+>$/.test(piece) ? new Array(lengthOf(piece)).fill("") : [...piece.replaceAll("▁", "")],
  );
  const written = [...text.replaceAll(/\s/gu, "")];
  const most = Math.min(read.length, length);
  let [head, tail] = [0, 0];
  while (head < most && read[head] === written[head]) head++;
  while (tail < most - head && read.at(-1 - tail) === written.at(-1 - tail)) tail++;
  const scale = (length - head - tail) / Math.max(1, read.length - head - tail);
  return (at) => {
    if (at <= head) return at;
    return at >= read.length - tail ? length - (read.length - at) : head + (at - head) * scale;
  };
}

/** Characters of a piece; a byte is a part of one. */
function lengthOf(piece: string): number {
  const byte = BYTE.exec(piece);
  if (byte) return Number.parseInt(byte[1]!, 16) >= 0xf0 ? 1 : bytePart(Number.parseInt(byte[1]!, 16));
  if (/^<[^<>]+>$/.test(piece)) return 0;
  return [...piece.replaceAll("▁", "")].length;
}

/** The first byte of a character counts for all of it. */
function bytePart(byte: number): number {
  return byte >= 0x80 && byte < 0xc0 ? 0 : 1;
}

/** A text and its translation with the attention between their pieces. */
export interface Aligned {
  readonly source: readonly PiecePlace[];
  readonly target: readonly PiecePlace[];
  /** [target piece][source piece], each row a distribution. */
  readonly weights: readonly (readonly number[])[];
}

interface Pieces {
  readonly pieces: readonly string[];
  readonly text: string;
}

/** Finds the pieces in their texts when they are asked for: for most placeholders they are not. */
export function aligned(source: Pieces, target: Pieces, weights: Aligned["weights"]): Aligned {
  const places: { source?: PiecePlace[]; target?: PiecePlace[] } = {};
  return {
    get source() {
      places.source ??= placesOf(source.pieces, source.text);
      return places.source;
    },
    get target() {
      places.target ??= placesOf(target.pieces, target.text);
      return places.target;
    },
    weights,
  };
}

/**
 * The characters of the translation that look at a stretch of the source: the run of pieces with the largest sum of
 * (attention to the stretch − ½). Empty, but in its place, when nothing looks there.
 */
export function translatedStretch(aligned: Aligned, stretch: PiecePlace): PiecePlace {
  const inside = aligned.source.flatMap((p, k) => (p.start < stretch.end && p.end > stretch.start ? [k] : []));
  if (stretch.end <= stretch.start || inside.length === 0) return pointAfter(aligned, stretch.start);
  const masses = aligned.weights.map((row) => inside.reduce((sum, k) => sum + (row[k] ?? 0), 0));
  const run = heaviestRun(masses.map((mass) => mass - 0.5));
  if (run) return { start: aligned.target[run.first]!.start, end: aligned.target[run.last]!.end };
  const place = aligned.target[largest(masses)];
  return place ?? { start: 0, end: 0 };
}

/** Behind what was translated from the source before a point. */
function pointAfter({ source, target, weights }: Aligned, at: number): PiecePlace {
  const before = source.findLastIndex((p) => p.end <= at && p.end > p.start);
  const rest = source.findIndex((p) => p.start >= at && p.end > p.start);
  if (before < 0) return { start: 0, end: 0 };
  const end = target.reduce((most, p) => Math.max(most, p.end), 0);
  if (rest < 0) return { start: end, end };
  const place = target[largest(weights.map((row) => row[before] ?? 0))]?.end ?? 0;
  return { start: place, end: place };
}

/** The run of consecutive values with the largest sum above 0 (Kadane). */
function heaviestRun(values: readonly number[]): { first: number; last: number } | undefined {
  let best: { first: number; last: number } | undefined;
  let [most, sum, first] = [0, 0, 0];
  for (const [last, value] of values.entries()) {
    if (sum <= 0) [sum, first] = [0, last];
    sum += value;
    if (sum > most) [most, best] = [sum, { first, last }];
  }
  return best;
}

function largest(values: readonly number[]): number {
  return values.reduce((best, value, k) => (value > values[best]! ? k : best), 0);
}
