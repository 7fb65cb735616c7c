import { type Markup, markup } from "@carousel/training/report/markup";

export interface FramesPicture {
  readonly title: string;
  /** Side of a frame, pixels. */
  readonly size: number;
  readonly rows: readonly FramesRow[];
}

export interface FramesRow {
  readonly label: string;
  /** Brightness in [0, 1], each [size, size]. */
  readonly frames: readonly Float32Array[];
}

const PIXEL = 4;
const GAP = 6;
const LABELS = 150;
const TITLE = 34;
/** Shades of grey that are told apart. */
const SHADES = 8;

/** Films one under the other, as a file of its own. */
export function framesPicture({ title, size, rows }: FramesPicture): string {
  const side = size * PIXEL + GAP;
  const width = LABELS + side * Math.max(...rows.map((r) => r.frames.length)) + GAP;
  const height = TITLE + side * rows.length;
  const drawn = rows.map(({ label, frames }, row) => {
    const top = TITLE + row * side;
    const films = frames.map((f, k) => frame(f, { size, x: LABELS + k * side, y: top }));
    return markup`<text x="12" y="${top + side / 2}" font-size="12" fill="#1f2328">${label}</text>\n${films}`;
  });
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif">
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="12" y="22" font-size="15" font-weight="bold" fill="#1f2328">${title}</text>
${drawn}</svg>
`.toString();
}

/** One path for all pixels of a shade. */
function frame(pixels: Float32Array, { size, x, y }: { size: number; x: number; y: number }): Markup {
  const shades = Array.from({ length: SHADES + 1 }, () => "");
  pixels.forEach((value, k) => {
    const shade = Math.round(value * SHADES);
    shades[shade] += `M${k % size} ${Math.floor(k / size)}h1v1h-1z`;
  });
  const inked = shades.map((d, shade) =>
    d === "" || shade === 0 ? undefined : markup`<path fill="#fff" fill-opacity="${shade / SHADES}" d="${d}"/>`,
  );
  return markup`<g transform="translate(${x} ${y}) scale(${PIXEL})"><rect width="${size}" height="${size}"/>${inked}</g>\n`;
}
