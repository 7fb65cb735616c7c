import { type ConstantMatrix, type EditableModel, FLOAT } from "../onnx/editable-model.js";
import { transposed } from "../onnx/matrix.js";
import { matrixKeys, type StoredInt8 } from "./keys.js";
import { quantizeColumns, WEIGHT_LEVELS } from "./quantized-matrix.js";

/** A matrix [rows, columns] for products from the left: a scale a column, [columns]. */
export function int8Columns(model: EditableModel, matrix: ConstantMatrix): StoredInt8 {
  if (matrix.turned) {
    const { values, scales } = int8Rows(model, { ...transposed(matrix), name: matrix.name, turned: false });
    const turned = model.folded(`turned ${matrix.name}`, () => model.node("Transpose", [values]));
    return { values: turned, scales };
  }
  return store(model, matrixKeys(matrix.name).columns, () => quantizeColumns(matrix, WEIGHT_LEVELS));
}

/** A table whose rows are looked up: a scale a row, [rows]. */
function int8Rows(model: EditableModel, matrix: ConstantMatrix): StoredInt8 {
  return store(model, matrixKeys(matrix.name).rows, () => {
    const { values, scales, rows, columns } = quantizeColumns(transposed(matrix), WEIGHT_LEVELS);
    // whole numbers up to 63 pass through float32 as they are
    const turned = transposed({ rows, columns, data: Float32Array.from(values) });
    return { values: Int8Array.from(turned.data), scales, rows: turned.rows, columns: turned.columns };
  });
}

/**
 * Some columns of a matrix for products from the left, gathered once a run, as rows, which lie together: [input, C], and their
 * scales [C]. `rows` is the matrix turned, `columns` int64 [C].
 */
export function gatheredColumns(model: EditableModel, rows: ConstantMatrix, columns: string): StoredInt8 {
  const whole = rows.turned ? turnedColumns(model, rows) : int8Rows(model, rows);
  const gather = (from: string) => model.folded(`${from} at ${columns}`, () => model.node("Gather", [from, columns]));
  const values = gather(whole.values);
  return {
    values: model.folded(`turned ${values}`, () => model.node("Transpose", [values])),
    scales: gather(whole.scales),
  };
}

/** The rows of a matrix that is stored with them as columns. */
function turnedColumns(model: EditableModel, rows: ConstantMatrix): StoredInt8 {
  const { values, scales } = int8Columns(model, { ...transposed(rows), name: rows.name, turned: false });
  return { values: model.folded(`turned ${rows.name}`, () => model.node("Transpose", [values])), scales };
}

/** A table as float32 again; the runtime computes it when it loads the model. */
export function floatRows(model: EditableModel, matrix: ConstantMatrix): string {
  const { values, scales } = int8Rows(model, matrix);
  const axis = model.constant("axis 1", () => ({ data: BigInt64Array.of(1n), shape: [1] }));
  const perRow = model.folded(`upright scales of ${matrix.name}`, () => model.node("Unsqueeze", [scales, axis]));
  return scaled(model, { values, scales: perRow });
}

/** A matrix as float32 again; the runtime computes it when it loads the model. */
export function floatColumns(model: EditableModel, matrix: ConstantMatrix): string {
  return scaled(model, int8Columns(model, matrix));
}

function scaled(model: EditableModel, { values, scales }: StoredInt8): string {
  const float = model.folded(`float ${values}`, () => model.node("Cast", [values], { attributes: { to: FLOAT } }));
  return model.folded(`scaled ${values}`, () => model.node("Mul", [float, scales]));
}

function store(model: EditableModel, keys: StoredInt8, make: () => ReturnType<typeof quantizeColumns>): StoredInt8 {
  let made: ReturnType<typeof quantizeColumns> | undefined;
  const once = () => {
    made ??= make();
    return made;
  };
  return {
    values: model.constant(keys.values, () => ({ data: once().values, shape: [once().rows, once().columns] })),
    scales: model.constant(keys.scales, () => ({ data: once().scales, shape: [once().scales.length] })),
  };
}
