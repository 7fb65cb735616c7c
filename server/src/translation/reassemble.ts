import { isSpaced } from "../languages.js";
import { marksOf } from "./marks.js";
import type { PartKind, TextPart } from "./segments.js";

export interface WrittenPart extends TextPart {
  /** Writes a mark as it stands in the document, with the tags of the part. */
  readonly write?: (mark: string) => string;
}

/** Puts the parts of a text together again, with what is written for each in the target language. */
export function reassemble(parts: readonly WrittenPart[], target: string): string {
  const spaced = isSpaced(target);
  let text = "";
  let previous: PartKind | undefined;
  for (const part of parts) {
    const { kind, write = (mark: string) => mark } = part;
    if (kind === "closing" && COMMA.test(part.text)) text = withoutFullStop(text); // "I am," he said.
    const isSame = kind === "segment" || kind === "separator";
    const goesOn = kind === "segment" && /,["” ]*$/.test(text.slice(-3));
    const same = goesOn ? part.text.replace(BEGINS, (word) => word.toLowerCase()) : part.text;
    const written = isSame ? same : write(markBehind(text.slice(-2), part, target));
    if (spaced) {
      if (text !== "" && wantsSpace({ kind, written, previous, last: text.at(-1)! })) text += " ";
    } else if (kind === "opening") {
      while (text.endsWith(" ")) text = text.slice(0, -1);
    }
    const isIdle = !spaced && /^(?:closing|pause)$/.test(previous ?? "") && /^ +$/.test(written);
    text += isIdle ? "" : written;
    previous = kind;
  }
  return text;
}

/** Or what Japanese has for one: 「はい」と */
const COMMA = /[,，、と]/;

/** Words of English, and no names: "I am," he said. Of a language without capitals a model makes a sentence. */
const BEGINS = /^(?:He|She|We|They|You|It|The|My|Your|His|Her|Our|Their)(?= )/;

function withoutFullStop(text: string): string {
  return /[^.][.。]$/.test(text.slice(-2)) ? text.slice(0, -1) : text;
}

interface Joint {
  readonly kind: PartKind;
  readonly written: string;
  readonly previous: PartKind | undefined;
  readonly last: string;
}

/** A source without spaces between sentences may have a target that wants them. */
function wantsSpace({ kind, written, previous, last }: Joint): boolean {
  if (kind === "opening") return !/[\s([{]/.test(last);
  if (kind !== "segment" || previous === "separator" || previous === "opening") return false;
  return !/^[.,;:!?)\]]/.test(written);
}

/** A mark as the target language writes it behind what ends so. What has an end needs no comma. */
function markBehind(end: string, { kind, text: mark }: TextPart, target: string): string {
  const marks = marksOf(target);
  if (kind === "opening") return marks.opening;
  const isEnded = /[.,!?…。、！？]\s?$/.test(end);
  if (kind === "pause") return isEnded ? "" : /[:：]/.test(mark) ? marks.colon : marks.introducing;
  const comma = COMMA.test(mark) && !isEnded ? marks.comma : "";
  return marks.closing === '"' ? comma + marks.closing : marks.closing + comma;
}
