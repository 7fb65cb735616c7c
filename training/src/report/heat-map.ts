import { type Markup, markup, type Part } from "./markup.js";
import type { Alignment } from "./sample.js";

const CELL = 19;
const GAP = 1;
/** Pixels of a character of the labels, wide ones (Chinese, Japanese, Korean) and others. */
const CHARACTER = { wide: 12, narrow: 7 };
const LONGEST_LABEL = 14;
/** The labels of columns stand at an angle of 50 degrees. */
const TILT = 50;

/** What each piece of a translation (rows) attended to in the source (columns): the darker, the more of the weight. */
export function heatMap({ source, target, weights }: Alignment): Markup {
  const left = 10 + widest(target);
  const top = 10 + widest(source) * Math.sin((TILT * Math.PI) / 180);
  const overhang = widest(source.slice(-3)) * Math.cos((TILT * Math.PI) / 180);
  const width = Math.ceil(left + source.length * CELL + Math.max(4, overhang));
  const height = Math.ceil(top + target.length * CELL + 4);
  return markup`<svg class="heat" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="attention weights">
${source.map((piece, k) => columnLabel(piece, { x: left + (k + 0.6) * CELL, y: top - 5 }))}
${target.map(
  (piece, row) => markup`<g class="row">
<text x="${px(left - 6)}" y="${px(top + (row + 0.7) * CELL)}" text-anchor="end">${label(piece)}</text>
${source.map((of, column) => cell({ x: left + column * CELL, y: top + row * CELL, weight: weights[row]![column]!, name: `${piece} ← ${of}` }))}
</g>
`,
)}</svg>`;
}

function columnLabel(piece: string, { x, y }: { x: number; y: number }): Markup {
  return markup`<text x="${px(x)}" y="${px(y)}" transform="rotate(${-TILT} ${px(x)} ${px(y)})">${label(piece)}</text>`;
}

/** The mark of a word's beginning is drawn faintly, the text in full. */
function label(piece: string): Part[] {
  return shortened(piece)
    .split(/(▁+)/)
    .map((part) => (part.startsWith("▁") ? markup`<tspan class="mark">${part}</tspan>` : part));
}

interface Cell {
  readonly x: number;
  readonly y: number;
  /** In [0, 1]. */
  readonly weight: number;
  readonly name: string;
}

function cell({ x, y, weight, name }: Cell): Markup {
  const side = CELL - GAP;
  return markup`<rect x="${px(x)}" y="${px(y)}" width="${side}" height="${side}" data-weight="${weight}" fill-opacity="${shade(weight)}"><title>${name} ${weight.toFixed(2)}</title></rect>`;
}

/** A little of the colour even for nothing, so that the grid is seen. */
function shade(weight: number): string {
  return (0.05 + 0.95 * weight).toFixed(3);
}

function widest(pieces: readonly string[]): number {
  return Math.max(0, ...pieces.map((p) => [...shortened(p)].reduce((sum, c) => sum + widthOf(c), 0)));
}

function widthOf(character: string): number {
  return character.codePointAt(0)! >= 0x2e80 ? CHARACTER.wide : CHARACTER.narrow;
}

function shortened(piece: string): string {
  const characters = [...piece];
  return characters.length <= LONGEST_LABEL ? piece : `${characters.slice(0, LONGEST_LABEL - 1).join("")}…`;
}

function px(value: number): string {
  return value.toFixed(1);
}
