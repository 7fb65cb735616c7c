import proto from "onnx-proto";
import { dtypeCode, Graph, type Initializer } from "./graph.js";
import type { Attribute, Node, Value } from "./value.js";

const { onnx } = proto;

const OPSET = 18;
const IR_VERSION = 8;

/** The graph as the bytes of an ONNX ModelProto. */
export function serialize(g: Graph): Uint8Array {
  const model = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    producerName: "carousel",
    opsetImport: [{ domain: "", version: OPSET }],
    graph: graphProto(g, "main"),
  });
  return onnx.ModelProto.encode(model).finish();
}

function graphProto(g: Graph, name: string): proto.onnx.IGraphProto {
  return {
    name,
    input: g.inputs.map(valueInfo),
    output: g.outputs.map(valueInfo),
    node: g.nodes.map(nodeProto),
    initializer: g.initializers.map(tensorProto),
  };
}

function nodeProto(node: Node): proto.onnx.INodeProto {
  return {
    opType: node.op,
    input: node.inputs.map((v) => v?.name ?? ""),
    output: node.outputs.map((v) => v.name),
    attribute: Object.entries(node.attributes)
      .filter(([, value]) => !Array.isArray(value) || value.length > 0)
      .map(([name, value]) => attributeProto(name, value)),
  };
}

function attributeProto(name: string, value: Attribute): proto.onnx.IAttributeProto {
  const type = onnx.AttributeProto.AttributeType;
  if (value instanceof Graph) return { name, type: type.GRAPH, g: graphProto(value, name) };
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
