/** Names of int8 values and of their float32 scales. */
export interface StoredInt8 {
  readonly values: string;
  readonly scales: string;
}

/** Under what a matrix is stored as int8: with a scale a column, or a row. */
export function matrixKeys(name: string): { readonly columns: StoredInt8; readonly rows: StoredInt8 } {
  const keys = (by: string) => ({ values: `int8 ${by} ${name}`, scales: `scales of ${by} ${name}` });
  return { columns: keys("columns"), rows: keys("rows") };
}

/** Under what a vector is stored that is added to a product. */
export function biasKey(name: string): string {
  return `bias ${name}`;
}

interface Stacked {
  readonly name: string;
  readonly rows: number;
}

const OVER = " over ";
const ROWS = / \((\d+)\)$/;

/** Names a matrix that is others one over the other, and how many rows each has. */
export function stackedKey(parts: readonly Stacked[]): string {
  return parts.map(({ name, rows }) => (ROWS.test(name) ? name : `${name} (${rows})`)).join(OVER);
}

/** What a matrix is made of; nothing when it is a weight itself. */
export function partsOfStacked(name: string): readonly Stacked[] | undefined {
  if (!ROWS.test(name)) return undefined;
  return name.split(OVER).map((part) => ({ name: part.replace(ROWS, ""), rows: Number(ROWS.exec(part)![1]) }));
}

const STORED = /^(?<kind>int8 columns|int8 rows|scales|bias) (?<name>.+)$/;
const KINDS = { "int8 columns": "columns", "int8 rows": "rows", scales: "scales", bias: "vector" } as const;

/** What is stored under a name, and of which weight: a matrix by columns or rows, scales of one, or anything else as it is. */
export function storedUnder(key: string): { kind: (typeof KINDS)[keyof typeof KINDS]; name: string } {
  const { kind, name } = STORED.exec(key)?.groups ?? {};
  if (kind === undefined) return { kind: "vector", name: key };
  return { kind: KINDS[kind as keyof typeof KINDS], name: name! };
}
