import type { Hypothesis, SegmentEvent, SegmentResult } from "./port.js";

type Rows = NonNullable<Hypothesis["alignment"]>;

/** Rows of weights of one length, one behind the other: float32, little-endian, in base64. In JSON they are four times as long. */
interface PackedRows {
  readonly columns: number;
  readonly weights: string;
}

type EventWith<Alignment> =
  | Exclude<SegmentEvent, { type: "result" }>
  | (Omit<Extract<SegmentEvent, { type: "result" }>, "result"> & {
      readonly result: Omit<SegmentResult, "hypotheses"> & {
        readonly hypotheses: readonly (Omit<Hypothesis, "alignment"> & { readonly alignment?: Alignment })[];
      };
    });

/** Events as an entry of a reply stream has them. */
export function pack(events: readonly SegmentEvent[]): string {
  return JSON.stringify(events.map((event) => withAlignments(event, packed)));
}

export function unpack(entry: string): SegmentEvent[] {
  return (JSON.parse(entry) as EventWith<PackedRows>[]).map((event) => withAlignments(event, unpacked));
}

function withAlignments<From, To>(event: EventWith<From>, change: (alignment: From) => To): EventWith<To> {
  if (event.type !== "result") return event;
  const hypotheses = event.result.hypotheses.map(({ alignment, ...rest }) =>
    alignment ? { ...rest, alignment: change(alignment) } : rest,
  );
  return { ...event, result: { ...event.result, hypotheses } };
}

function packed(rows: Rows): PackedRows {
  const columns = rows[0]?.length ?? 0;
  const weights = new Float32Array(rows.length * columns);
  for (const [r, row] of rows.entries()) weights.set(row, r * columns);
  return { columns, weights: Buffer.from(weights.buffer).toString("base64") };
}

function unpacked({ columns, weights }: PackedRows): Rows {
  const bytes = Buffer.from(weights, "base64");
  const rows: number[][] = [];
  for (let at = 0; at < bytes.length; ) {
    const row: number[] = [];
    for (; row.length < columns; at += Float32Array.BYTES_PER_ELEMENT) row.push(bytes.readFloatLE(at));
    rows.push(row);
  }
  return rows;
}
