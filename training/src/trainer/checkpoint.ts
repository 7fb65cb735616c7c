import { readFile } from "node:fs/promises";
import { writeAtomically } from "../files.js";
import { TrainingError } from "./training-error.js";

/** Everything that a training needs to continue as if it had not stopped: plain values, and flat arrays by name. */
export interface Checkpoint<State> {
  readonly state: State;
  readonly arrays: Readonly<Record<string, Float32Array>>;
}

interface Header<State> {
  readonly format: typeof FORMAT;
  readonly state: State;
  readonly arrays: readonly { readonly name: string; readonly length: number }[];
}

const FORMAT = "carousel.checkpoint.1";
const PREFIX_BYTES = 4;

/** A file of: header length (uint32, little-endian), header (JSON), arrays (float32, in the header's order). */
export async function writeCheckpoint<State>(path: string, checkpoint: Checkpoint<State>): Promise<void> {
  const arrays = Object.entries(checkpoint.arrays);
  const header: Header<State> = {
    format: FORMAT,
    state: checkpoint.state,
    arrays: arrays.map(([name, data]) => ({ name, length: data.length })),
  };
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32LE(json.length);
  await writeAtomically(path, [prefix, json, ...arrays.map(([, data]) => bytesOf(data))]);
}

/** Throws TrainingError when the file is missing, cut short, or not a checkpoint. */
export async function readCheckpoint<State>(path: string): Promise<Checkpoint<State>> {
  const bytes = await readFile(path).catch(() => {
    throw new TrainingError(`no checkpoint at ${path}`);
  });
  const header = parseHeader<State>(bytes, path);
  let offset = PREFIX_BYTES + bytes.readUInt32LE(0);
  const arrays: Record<string, Float32Array> = {};
  for (const { name, length } of header.arrays) {
    const data = new Float32Array(length);
    if (offset + data.byteLength > bytes.length) throw new TrainingError(`${path} is cut short`);
    bytesOf(data).set(bytes.subarray(offset, offset + data.byteLength));
    arrays[name] = data;
    offset += data.byteLength;
  }
  return { state: header.state, arrays };
}

function parseHeader<State>(bytes: Buffer, path: string): Header<State> {
  try {
    const length = bytes.readUInt32LE(0);
    const header = JSON.parse(bytes.toString("utf8", PREFIX_BYTES, PREFIX_BYTES + length)) as Header<State>;
    if (header.format === FORMAT) return header;
  } catch {
    // falls through: whatever it is, it is not a checkpoint
  }
  throw new TrainingError(`${path} is not a checkpoint of this version`);
}

function bytesOf(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
