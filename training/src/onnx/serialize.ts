import proto from "onnx-proto";
import { dtypeCode, Graph } from "./graph.js";
import type { Initializer } from "./graph-parts.js";
import type { Attribute, Node, Value } from "./value.js";

const { onnx } = proto;

const OPSET = 18;
const IR_VERSION = 8;

export interface SerializeOptions {
  /**
   * Names of sizes that mean the same wherever they occur. Values of such shapes are declared: the runtime cannot infer what is
   * reshaped to sizes known only when it runs, and writes a result over an operand only if it knows both to be of one size.
   */
  readonly sizes?: readonly string[];
}

/** The graph as the bytes of an ONNX ModelProto. */
export function serialize(g: Graph, { sizes = [] }: SerializeOptions = {}): Uint8Array {
  const known = new Set(sizes);
  const model = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    producerName: "carousel",
    opsetImport: [{ domain: "", version: OPSET }],
    graph: graphProto(g, "main", known),
  });
  return onnx.ModelProto.encode(model).finish();
}

function graphProto(g: Graph, name: string, known: ReadonlySet<string>): proto.onnx.IGraphProto {
  const declared = known.size === 0 ? [] : g.nodes.flatMap((node) => node.outputs.filter((v) => isKnown(v, known)));
  return {
    name,
    input: g.inputs.map(valueInfo),
    output: g.outputs.map(valueInfo),
    node: g.nodes.map((node) => nodeProto(node, known)),
    initializer: g.initializers.map(tensorProto),
    valueInfo: declared.filter((v) => !g.outputs.includes(v)).map(valueInfo),
  };
}

/** Whether every size is a number, or made of known ones by product and sum. */
function isKnown({ shape }: Value, known: ReadonlySet<string>): boolean {
  return shape.every(
    (d) => typeof d === "number" || d.split(/[*+]/).every((part) => known.has(part) || /^\d+$/.test(part)),
  );
}

function nodeProto(node: Node, known: ReadonlySet<string>): proto.onnx.INodeProto {
  return {
    opType: node.op,
    input: node.inputs.map((v) => v?.name ?? ""),
    output: node.outputs.map((v) => v.name),
    attribute: Object.entries(node.attributes)
      .filter(([, value]) => !Array.isArray(value) || value.length > 0)
      .map(([name, value]) => attributeProto(name, value, known)),
  };
}

function attributeProto(name: string, value: Attribute, known: ReadonlySet<string>): proto.onnx.IAttributeProto {
  const type = onnx.AttributeProto.AttributeType;
  if (value instanceof Graph) return { name, type: type.GRAPH, g: graphProto(value, name, known) };
  if (typeof value === "number") return { name, type: type.INT, i: value };
  if (typeof value === "string") return { name, type: type.STRING, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { name, type: type.INTS, ints: value as number[] };
  return { name, type: type.FLOAT, f: (value as { float: number }).float };
}

function valueInfo(value: Value): proto.onnx.IValueInfoProto {
  const dim = value.shape.map((d) => (typeof d === "number" ? { dimValue: d } : { dimParam: d }));
  return { name: value.name, type: { tensorType: { elemType: dtypeCode(value.dtype), shape: { dim } } } };
}

function tensorProto({ value, data }: Initializer): proto.onnx.ITensorProto {
  return {
    name: value.name,
    dataType: dtypeCode(value.dtype),
    dims: value.shape as number[],
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}
