import proto from "onnx-proto";
import { fromFloat16 } from "./float16.js";
import { type Matrix, transposed } from "./matrix.js";

const { onnx } = proto;
const TYPE = onnx.TensorProto.DataType;

export type Node = proto.onnx.INodeProto;
export type Body = proto.onnx.IGraphProto;

/** Values that do not change. */
export interface ConstantMatrix extends Matrix {
  /** Under which it is stored. */
  readonly name: string;
  /** Whether it is stored transposed. */
  readonly turned: boolean;
}

export interface ConstantVector {
  /** Under which it is stored. */
  readonly name: string;
  readonly data: Float32Array;
}

interface Constant {
  readonly data: Float32Array | Int8Array | Uint8Array | BigInt64Array;
  readonly shape: readonly number[];
}

/** Names the shape of a Reshape that changes nothing, in every model: zeros stand for the sizes as they are. */
const SAME_SHAPE = "same_shape";

/** An ONNX model that is being rewritten. The names of values are unique in the whole of it, bodies included. */
export class EditableModel {
  private readonly model: proto.onnx.ModelProto;
  private readonly initializers: Map<string, proto.onnx.ITensorProto>;
  private readonly shared = new Map<string, string>();
  private readonly matrices = new Map<string, ConstantMatrix>();
  /** Nodes over constants and inputs only, in front of all others. */
  private readonly prologue: Node[] = [];
  private count = 0;

  constructor(bytes: Uint8Array) {
    this.model = onnx.ModelProto.decode(bytes);
    this.initializers = new Map(this.main.initializer!.map((tensor) => [tensor.name!, tensor]));
    this.count = 1 + Math.max(-1, ...[...this.producers().keys(), ...this.initializers.keys()].map(numberOf));
  }

  get main(): Body {
    return this.model.graph!;
  }

  /** The graph and the bodies in it, innermost first. */
  bodies(graph: Body = this.main): Body[] {
    return [...graph.node!.flatMap((n) => bodiesOf(n).flatMap((b) => this.bodies(b))), graph];
  }

  /** Which node makes a value. */
  producers(): Map<string, Node> {
    return new Map(this.bodies().flatMap((b) => b.node!.flatMap((n) => n.output!.map((name) => [name, n] as const))));
  }

  /** How many nodes and outputs read each value. */
  readers(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { node, output } of this.bodies()) {
      for (const name of [...node!.flatMap((n) => n.input!), ...output!.map((o) => o.name!)]) {
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
    return counts;
  }

  /** The matrix that a value always is: stored so, or cast or transposed from one that is. */
  constantMatrix(name: string, producers: ReadonlyMap<string, Node>): ConstantMatrix | undefined {
    const known = this.matrices.get(name) ?? this.readMatrix(name, producers);
    if (known) this.matrices.set(name, known);
    return known;
  }

  private readMatrix(name: string, producers: ReadonlyMap<string, Node>): ConstantMatrix | undefined {
    const stored = this.initializers.get(name);
    if (stored) {
      const matrix = matrixOf(stored);
      return matrix && { ...matrix, name, turned: false };
    }
    const node = producers.get(name);
    if (!node || !(this.keepsShape(node) || node.opType === "Transpose")) return undefined;
    const from = this.constantMatrix(node.input![0]!, producers);
    return from && node.opType === "Transpose" ? { ...transposed(from), name: from.name, turned: !from.turned } : from;
  }

  /** Whether a node changes the type of numbers at most. */
  private keepsShape({ opType, input }: Node): boolean {
    return ["Cast", "Identity"].includes(opType!) || (opType === "Reshape" && input![1] === SAME_SHAPE);
  }

  /** How many numbers a matrix has that the runtime knows when it loads the model. */
  constantLength(name: string, producers: ReadonlyMap<string, Node>): number | undefined {
    const stored = this.initializers.get(name);
    if (stored) return stored.dims!.length === 2 ? Number(stored.dims![0]) * Number(stored.dims![1]) : undefined;
    const node = producers.get(name);
    return node && (this.keepsShape(node) || node.opType === "Transpose")
      ? this.constantLength(node.input![0]!, producers)
      : undefined;
  }

  /** The shape of a Reshape of a matrix that changes nothing. */
  sameShape(): string {
    if (!this.initializers.has(SAME_SHAPE)) this.store(SAME_SHAPE, { data: BigInt64Array.of(0n, 0n), shape: [2] });
    return SAME_SHAPE;
  }

  /** The vector that a value always is: stored so, or cast from what is. */
  constantVector(name: string, producers: ReadonlyMap<string, Node>): ConstantVector | undefined {
    const stored = this.initializers.get(name);
    if (stored) {
      const data = stored.dims?.length === 1 ? numbersOf(stored) : undefined;
      return data && { name, data };
    }
    const node = producers.get(name);
    return node?.opType === "Cast" ? this.constantVector(node.input![0]!, producers) : undefined;
  }

  /** How many numbers a stored value of one axis has. */
  constantSize(name: string): number | undefined {
    const dims = this.initializers.get(name)?.dims;
    return dims?.length === 1 ? Number(dims[0]) : undefined;
  }

  /** Stores a constant, by the name of `key`, once. */
  constant(key: string, make: () => Constant): string {
    return this.once(key, () => {
      this.store(key, make());
      return key;
    });
  }

  private store(name: string, { data, shape }: Constant): void {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const tensor = { name, dims: [...shape], dataType: typeOf(data), rawData };
    this.main.initializer!.push(tensor);
    this.initializers.set(name, tensor);
  }

  /**
   * A value made of constants alone, which the runtime computes when it loads the model, or of constants and inputs, which it
   * computes first of all in a run; the same `key` is made once.
   */
  folded(key: string, make: () => Node): string {
    return this.once(key, () => {
      const node = make();
      this.prologue.push(node);
      return node.output![0]!;
    });
  }

  private once(key: string, make: () => string): string {
    const known = this.shared.get(key) ?? make();
    this.shared.set(key, known);
    return known;
  }

  /** A node with one output; `output` names it anew when absent. */
  node(opType: string, input: string[], options: { output?: string; attributes?: Record<string, number> } = {}): Node {
    const { output = this.fresh(opType.toLowerCase()), attributes = {} } = options;
    const attribute = Object.entries(attributes).map(([name, i]) => ({
      name,
      i,
      type: onnx.AttributeProto.AttributeType.INT,
    }));
    return { opType, input, output: [output], attribute };
  }

  /** An operator of ONNX Runtime's own. */
  runtimeNode(opType: string, input: string[], options: { output?: string } = {}): Node {
    const domain = "com.microsoft";
    const imports = this.model.opsetImport;
    if (!imports.some((i) => i.domain === domain)) imports.push(onnx.OperatorSetIdProto.create({ domain, version: 1 }));
    return { ...this.node(opType, input, options), domain };
  }

  private fresh(hint: string): string {
    return `${hint}_q${this.count++}`;
  }

  /** The model without what nothing reads. */
  encode(): Uint8Array {
    const { main } = this;
    main.node = [...this.prologue.splice(0), ...main.node!];
    while (this.dropUnread());
    const readers = this.readers();
    main.initializer = main.initializer!.filter((t) => readers.has(t.name!));
    return onnx.ModelProto.encode(this.model).finish();
  }

  /** Takes away the nodes that nothing reads, in all bodies. @returns whether there were any */
  private dropUnread(): boolean {
    const readers = this.readers();
    const dropped = this.bodies().map((body) => {
      const kept = body.node!.filter((n) => n.output!.some((name) => readers.has(name)));
      const fewer = kept.length < body.node!.length;
      body.node = kept;
      return fewer;
    });
    return dropped.includes(true);
  }
}

export const FLOAT = TYPE.FLOAT;
export const UINT8 = TYPE.UINT8;

/** The bodies of a Scan, Loop or If. */
export function bodiesOf(node: Node): Body[] {
  return (node.attribute ?? []).flatMap((a) => (a.g ? [a.g] : []));
}

export function attributeOf(node: Pick<Node, "attribute">, name: string): number | undefined {
  const found = node.attribute?.find((a) => a.name === name)?.i;
  return found === undefined || found === null ? undefined : Number(found);
}

/** Of a name that `fresh` made, −1 of another. */
function numberOf(name: string): number {
  return Number(/_q(\d+)$/.exec(name)?.[1] ?? -1);
}

function matrixOf(tensor: proto.onnx.ITensorProto): Matrix | undefined {
  const [rows, columns, ...more] = tensor.dims!.map(Number);
  const data = more.length === 0 && columns !== undefined && numbersOf(tensor);
  return data ? { rows: rows!, columns: columns!, data } : undefined;
}

/** The numbers of a float32 or float16 tensor; nothing of another. */
export function numbersOf({ dataType, rawData }: proto.onnx.ITensorProto): Float32Array | undefined {
  if (!rawData || (dataType !== TYPE.FLOAT && dataType !== TYPE.FLOAT16)) return undefined;
  // a copy: the bytes may begin anywhere, numbers may not
  const bytes = Uint8Array.from(rawData).buffer;
  return dataType === TYPE.FLOAT ? new Float32Array(bytes) : fromFloat16(new Uint16Array(bytes));
}

function typeOf(data: Constant["data"]): number {
  if (data instanceof Float32Array) return TYPE.FLOAT;
  if (data instanceof Int8Array) return TYPE.INT8;
  return data instanceof Uint8Array ? TYPE.UINT8 : TYPE.INT64;
}
