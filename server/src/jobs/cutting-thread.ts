import { parentPort, workerData } from "node:worker_threads";
import { CarouselError, type ErrorCode, type ErrorDetails } from "../errors.js";
import type { Languages } from "../languages.js";
import { BATCH_FORMATS, type BatchFormat } from "./formats/index.js";
import { cutBytes, invalidDocument } from "./formats/text.js";
import { lengthOf, type Unit } from "./formats/unit.js";

/** What a thread is started for. */
export interface ToCut {
  readonly format: BatchFormat;
  readonly languages: Languages;
}

/** What the thread says; it goes on when it is answered: by the next bytes, if it wants them, none at the document's end. */
export type Said =
  | { readonly type: "want" }
  | { readonly type: "units"; readonly units: readonly Unit[] }
  | { readonly type: "end"; readonly tail: string }
  | { readonly type: "fault"; readonly code: ErrorCode; readonly message: string; readonly details: ErrorDetails };

export type Answer = Uint8Array | undefined;

/** Units that are told at once; a long one goes alone. */
const TOLD = { units: 64, characters: 8192 };

async function main({ format, languages }: ToCut): Promise<void> {
  const port = parentPort!;
  const ask = (said: Said) =>
    new Promise<Answer>((resolve) => {
      port.once("message", resolve);
      port.postMessage(said);
    });
  const bytes = async function* () {
    for (let piece = await ask({ type: "want" }); piece; piece = await ask({ type: "want" })) yield piece;
  };
  try {
    const reading = cutBytes(bytes(), [BATCH_FORMATS[format], languages]);
    let [units, characters] = [[] as Unit[], 0];
    const tell = async () => {
      await ask({ type: "units", units });
      [units, characters] = [[], 0];
    };
    let next = await reading.next();
    for (; !next.done; next = await reading.next()) {
      units.push(next.value);
      characters += next.value.lead.length + lengthOf(next.value);
      if (units.length === TOLD.units || characters >= TOLD.characters) await tell();
    }
    if (units.length > 0) await tell();
    port.postMessage({ type: "end", tail: next.value } satisfies Said);
  } catch (error) {
    const { code, message, details } = faultOf(error);
    port.postMessage({ type: "fault", code, message, details } satisfies Said);
  }
}

function faultOf(error: unknown): CarouselError {
  if (error instanceof CarouselError) return error;
  if (error instanceof RangeError) return invalidDocument("nests too deep, or is too large at one place, to be read");
  return new CarouselError("INTERNAL", error instanceof Error ? error.message : String(error));
}

await main(workerData as ToCut);
