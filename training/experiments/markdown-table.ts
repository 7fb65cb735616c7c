/** A table in Markdown; rows of as many cells as the head has. */
export function markdownTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |\n`;
  return [line(head), `|${head.map(() => "---|").join("")}\n`, ...rows.map(line)].join("");
}

/** 12345 → 12,345 */
export function grouped(n: number): string {
  return n.toLocaleString("en");
}
