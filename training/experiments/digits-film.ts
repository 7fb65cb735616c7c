import type { Random } from "@carousel/training/random";
import { GLYPH, GLYPHS } from "./digit-glyphs.js";

export interface FilmOptions {
  /** Side of the square frame, pixels; larger than a glyph. */
  readonly size: number;
  readonly frames: number;
  /** Digits in a frame; they pass over each other. */
  readonly digits: number;
}

/** A digit and where it is: upper left corner and pixels a frame, both of (x, y). */
interface Moving {
  readonly digit: number;
  readonly at: readonly [number, number];
  readonly by: readonly [number, number];
}

/** Speeds along an axis, pixels a frame. */
const SPEEDS = [-2, -1, 1, 2];

/** Digits that fly straight and bounce off the edges, in the way of Srivastava et al. 2015: flat [frames, size, size]. */
export function digitsFilm(random: Random, { size, frames, digits }: FilmOptions): Float32Array {
  const film = new Float32Array(frames * size * size);
  let moving = Array.from({ length: digits }, () => launch(random, size));
  for (let t = 0; t < frames; t++) {
    const frame = film.subarray(t * size * size, (t + 1) * size * size);
    for (const m of moving) draw(frame, size, m);
    moving = moving.map((m) => moved(m, size));
  }
  return film;
}

function launch(random: Random, size: number): Moving {
  const speed = () => SPEEDS[random.below(SPEEDS.length)]!;
  return {
    digit: random.below(GLYPHS.length),
    at: [random.below(size - GLYPH.width + 1), random.below(size - GLYPH.height + 1)],
    by: [speed(), speed()],
  };
}

function draw(frame: Float32Array, size: number, { digit, at: [left, top] }: Moving): void {
  GLYPHS[digit]!.forEach((row, y) => {
    row.forEach((ink, x) => {
      if (ink) frame[(top + y) * size + left + x] = 1;
    });
  });
}

function moved({ digit, at, by }: Moving, size: number): Moving {
  const x = bounced(at[0], by[0], size - GLYPH.width);
  const y = bounced(at[1], by[1], size - GLYPH.height);
  return { digit, at: [x.at, y.at], by: [x.by, y.by] };
}

/** One step along an axis between 0 and `end`, reflected at the ends. */
export function bounced(at: number, by: number, end: number): { at: number; by: number } {
  const next = at + by;
  if (next < 0) return { at: -next, by: -by };
  if (next > end) return { at: 2 * end - next, by: -by };
  return { at: next, by };
}
