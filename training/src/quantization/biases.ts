import type { Body, EditableModel, Node } from "../onnx/editable-model.js";
import { biasKey } from "./keys.js";

export interface Bias {
  /** The node that adds it. */
  readonly sum: Node;
  /** Where a float32 constant [columns] is stored. */
  readonly name: string;
}

/** Finds the constant that is added to a value of a body, when nothing else reads the value. */
export function biases(model: EditableModel, body: Body): (value: string) => Bias | undefined {
  const readers = model.readers();
  const producers = model.producers();
  const sums = new Map(
    body.node!.flatMap((sum) => (sum.opType === "Add" ? sum.input!.map((name) => [name, sum] as const) : [])),
  );
  return (value) => {
    const sum = sums.get(value);
    if (!sum || readers.get(value) !== 1) return undefined;
    const added = sum.input!.find((name) => name !== value)!;
    const gathered = producers.get(added);
    if (gathered?.opType === "Gather" && model.constantVector(gathered.input![0]!, producers)) {
      return { sum, name: added };
    }
    const vector = model.constantVector(added, producers);
    if (!vector) return undefined;
    const { name, data } = vector;
    return { sum, name: model.constant(biasKey(name), () => ({ data, shape: [data.length] })) };
  };
}
