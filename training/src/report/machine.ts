import { availableParallelism, cpus, totalmem, type } from "node:os";
import { runtimeVersion } from "../onnx/runtime.js";

/** What a training ran on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Bytes, or what the process was limited to. */
  readonly memory: number;
  readonly system: string;
  readonly node: string;
  readonly onnxRuntime: string;
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() || "unknown",
    cores: availableParallelism(),
    memory: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
    system: `${type()} ${process.arch}`,
    node: process.versions.node,
    onnxRuntime: runtimeVersion,
  };
}
