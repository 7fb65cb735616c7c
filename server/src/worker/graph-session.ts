import type { Tensors } from "./tensor.js";

/** A graph that can be run: ONNX Runtime's session in production, an oracle in tests. */
export interface GraphSession {
  /** @param outputs the names of the outputs wanted */
  run(feeds: Tensors, outputs: readonly string[]): Promise<Tensors>;
}

/** A tensor that a graph takes or gives, as the graph declares it; a symbolic or unknown size is a name or "". */
export interface DeclaredTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | string)[];
}
