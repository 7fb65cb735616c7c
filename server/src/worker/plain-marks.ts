import type { TextCodec } from "./serving-model.js";

/** Marks of typeset text, and what stands for each on a keyboard. */
const PLAIN: Readonly<Record<string, string>> = {
  ...each("’‘‚‛ʼ′´", "'"),
  ...each("“”„‟«»″", '"'),
  ...each("‐‑‒–−", "-"),
};
const MARKS = Object.keys(PLAIN).join("");
const MARK = new RegExp(`[${MARKS}]`, "gu");
/** A dash between two parts of a sentence. */
const PAUSE = /\s*([—―])\s*|\s+(–)\s+/gu;
/** Soft hyphens, zero-width and direction marks, control characters. */
const INVISIBLE = /[\p{Cf}\p{Cc}]/gu;
const ANY = new RegExp(`[${MARKS}—―\\p{Cf}\\p{Cc}]`, "u");

/**
 * A source in which marks that the model has no piece for, and so has never seen, are such as it has: of "I don’t know" it made
 * « Je sais ». A dash that is a pause becomes a comma; what cannot be seen goes.
 */
export function plainMarks(text: string, codec: TextCodec): string {
  if (!ANY.test(text)) return text;
  return text
    .replace(PAUSE, (written: string, em: string | undefined, en: string | undefined, at: number) => {
      if (hasPiece(codec, em ?? en!)) return written;
      return at > 0 && at + written.length < text.length ? ", " : " ";
    })
    .replace(MARK, (mark) => (hasPiece(codec, mark) ? mark : PLAIN[mark]!))
    .replace(INVISIBLE, (mark) => (hasPiece(codec, mark) ? mark : ""));
}

const known = new WeakMap<TextCodec, Map<string, boolean>>();

/** Whether a character is written without bytes and the unknown piece. */
function hasPiece(codec: TextCodec, character: string): boolean {
  const characters = known.get(codec) ?? new Map<string, boolean>();
  known.set(codec, characters);
  const isWhole = (id: number) => !/^<(?:unk|0x[0-9A-F]{2})>$/.test(codec.piece(id));
  const has = characters.get(character) ?? codec.encode(character).every(isWhole);
  characters.set(character, has);
  return has;
}

function each(marks: string, plain: string): Record<string, string> {
  return Object.fromEntries([...marks].map((mark) => [mark, plain]));
}
