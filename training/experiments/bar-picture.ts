import { markup } from "@carousel/training/report/markup";

export interface BarPicture {
  readonly title: string;
  /** What the bars are long by, and in what. */
  readonly measure: string;
  /** One below the other; none is negative. */
  readonly bars: readonly { readonly label: string; readonly value: number; readonly shown: string }[];
}

const WIDTH = 760;
const TITLE = 30;
const ROW = 26;
const FOOT = 26;
/** Where bars begin, and how long the longest is. */
const [LEFT, LONGEST] = [170, 500];

/** A bar for each of some things, as a file of its own. */
export function barPicture({ title, measure, bars }: BarPicture): string {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const height = TITLE + ROW * bars.length + FOOT;
  const rows = bars.map(({ label, value, shown }, k) => {
    const [top, length] = [TITLE + ROW * k, (LONGEST * value) / most];
    return markup`<text x="${LEFT - 8}" y="${top + 17}" font-size="12" text-anchor="end">${label}</text>
<rect x="${LEFT}" y="${top + 4}" width="${length.toFixed(1)}" height="${ROW - 8}" fill="#3b73b9"/>
<text x="${(LEFT + length + 6).toFixed(1)}" y="${top + 17}" font-size="12">${shown}</text>
`;
  });
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif">
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="12" y="22" font-size="15" font-weight="bold">${title}</text>
${rows}
<text fill="#555555" font-size="12" x="${LEFT + LONGEST / 2}" y="${height - 8}" text-anchor="middle">${measure}</text>
</svg>
`.toString();
}
