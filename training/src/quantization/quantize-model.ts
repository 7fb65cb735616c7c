import { EditableModel } from "../onnx/editable-model.js";
import { ownWeights } from "../onnx/own-weights.js";
import { boundedValues } from "./bounded.js";
import { int8Products } from "./int8-products.js";
import { lookUpProducts, storeTables } from "./look-up-products.js";
import { mergeProducts } from "./merge-products.js";

/** The outputs of an ONNX model that lie within −1…1 when the inputs `given` do. */
export function boundedOutputs(model: Uint8Array, given: ReadonlySet<string>): ReadonlySet<string> {
  const editable = new EditableModel(model);
  const outputs = editable.main.output!.map((o) => o.name!);
  return new Set(outputs.filter(boundedValues(editable, given)));
}

/**
 * An ONNX model with its products with constant matrices in int8, in its bodies (Loop, Scan, If) too. Inputs and outputs
 * stay as they are.
 * @param bounded inputs that lie within −1…1
 */
export function quantizeModel(model: Uint8Array, bounded: ReadonlySet<string>): Uint8Array {
  const editable = new EditableModel(model);
  lookUpProducts(editable);
  mergeProducts(editable);
  int8Products(editable, boundedValues(editable, bounded));
  storeTables(editable);
  ownWeights(editable);
  return editable.encode();
}
