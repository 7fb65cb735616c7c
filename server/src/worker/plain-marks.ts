import { byLanguage, primaryLanguage } from "../languages.js";
import type { TextCodec } from "./serving-model.js";

/** Marks of typeset text, and what stands for each on a keyboard. */
const PLAIN: Readonly<Record<string, string>> = {
  ...each("’‘‚‛ʼ′", "'"),
  ...each("“”„‟«»″", '"'),
  ...each("‐‑‒–−", "-"),
};
const MARK = new RegExp(`[${Object.keys(PLAIN).join("")}]`, "gu");
/** Words in brackets; not the plural of word(s). */
const BRACKETS = /(?<![\p{L}\p{N}])[([（]([^()[\]（）]*)[)\]）](?![\p{L}\p{N}])/gu;
/** Between two parts of a sentence; - and -- are other marks elsewhere. */
const PAUSE = /(?:\s*[—―|])+\s*|\s+(?:–|--?)\s+|(?<=\p{L})--(?=\p{L})|[;:](?=\s|$)\s*/gu;
/** Around a word, as Markdown has it, and before a tag. */
const EMPHASIS = /(?<![\p{L}\p{N}])[*_~`#]+(?=\p{L})|(?<=[\p{L}.,:;!?])[*_~`]+(?![\p{L}\p{N}])/gu;
/** Soft hyphens, zero-width and direction marks, control characters. */
const INVISIBLE = /[\p{Cf}\p{Cc}]/gu;

/** Most texts have letters, numbers and these alone. */
const ORDINARY = /^(?:[\p{L}\p{M} .,!?'"、。？！「」]|\p{N}(?!st|nd|rd|th)|(?<! |-)-(?!-))*$/u;

/**
 * A source in which marks that the model has no piece for, and so has never seen, are such as it has: of "I don’t know" it made
 * « Je sais ». What sets parts of a sentence apart becomes a comma, & and / between words and ordinals (2nd) are read out; emphasis and what cannot be seen go.
 */
export function plainMarks(text: string, codec: TextCodec, language: string): string {
  if (ORDINARY.test(text)) return text;
  const isKnown = (mark: string) => hasPiece(codec, mark);
  return withWords(text, { language, isKnown })
    .replace(EMPHASIS, (marks) => (isKnown(marks[0]!) ? marks : ""))
    .replace(BRACKETS, (written, inside: string) => (isKnown(written[0]!) ? written : ` — ${inside.trim()} — `))
    .replace(PAUSE, (written, at: number, all: string) => {
      const [mark = ""] = written.trim();
      // a hyphen has a piece by the words that are written with it
      return isKnown(mark === "-" ? "—" : mark) ? written : pause(all.slice(0, at), all.slice(at + written.length));
    })
    .replace(MARK, (mark) => (isKnown(mark) ? mark : PLAIN[mark]!))
    .replace(INVISIBLE, (mark) => (isKnown(mark) ? mark : ""));
}

interface Words {
  /** What & and / stand for between words. */
  readonly and: string;
  readonly or: string;
  /** Those of one digit. */
  readonly ordinals?: { readonly written: RegExp; readonly words: readonly string[] };
}

const WORDS: Readonly<Record<string, Words>> = {
  en: {
    ...{ and: " and ", or: " or " },
    ordinals: {
      written: /(?<![\p{L}\p{N}.,-])(\d)(?:st|nd|rd|th)(?!\p{L})/gu,
      words: ["0th", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"],
    },
  },
  fr: { and: " et ", or: " ou " },
  de: { and: " und ", or: " oder " },
  es: { and: " y ", or: " o " },
  ja: { and: "と", or: "か" },
};

/** and/or */
const andOr = byLanguage((language) => {
  const { and, or } = WORDS[language]!;
  return new RegExp(`(?<!\\p{L})${and.trim()}/${or.trim()}(?!\\p{L})`, "giu");
});

function withWords(
  text: string,
  { language, isKnown }: { language: string; isKnown: (mark: string) => boolean },
): string {
  const words = WORDS[primaryLanguage(language)];
  if (!words) return text;
  const { and, or, ordinals } = words;
  let read = ordinals ? text.replace(ordinals.written, (_, digit: string) => ordinals.words[Number(digit)]!) : text;
  if (!/[&＆/／]/.test(read)) return read;
  if (!isKnown("&")) read = read.replace(/(?<=[\p{L}\p{N}])\s*[&＆]\s*(?=[\p{L}\p{N}])/gu, and);
  if (isKnown("/")) return read;
  read = read.replace(andOr(primaryLanguage(language)), or.trim());
  return read.replace(/(?<=\p{L})\s?[/／]\s?(?=\p{L})/gu, or);
}

function pause(before: string, behind: string): string {
  if (before.trim() === "" || behind === "" || /^[.,!?;:]/.test(behind)) return "";
  return /[.,!?]$/.test(before) ? " " : ", ";
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
