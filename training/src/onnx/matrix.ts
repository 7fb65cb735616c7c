/** Numbers in rows, one row after another. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

export function transposed({ rows, columns, data }: Matrix): Matrix {
  const turned = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) turned[c * rows + r] = data[r * columns + c]!;
  return { rows: columns, columns: rows, data: turned };
}

/** Matrices of as many columns, one below the other. */
export function stacked(matrices: readonly Matrix[]): Matrix {
  const rows = matrices.reduce((sum, m) => sum + m.rows, 0);
  const { columns } = matrices[0]!;
  const data = new Float32Array(rows * columns);
  let at = 0;
  for (const m of matrices) {
    data.set(m.data, at);
    at += m.data.length;
  }
  return { rows, columns, data };
}
