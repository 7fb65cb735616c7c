import { type DecodingRules, type Piece, PieceType } from "./model-proto.js";
import { SPACE } from "./words.js";

const REPLACEMENT = "\ufffd";

/**
 * The text of pieces as they come: each call gives what its piece adds for certain, and all of it joined is the text that
 * SentencePiece decodes. Bytes of a character are held back until it is whole.
 */
export class StreamDecoder {
  /** Whether a space is none of the text. */
  private atStart: boolean;
  /** Bytes of a character that is not whole yet. */
  private bytes: number[] = [];

  constructor(private readonly rules: DecodingRules) {
    this.atStart = rules.leadingSpaces !== "keep";
  }

  push({ piece, type }: Piece): string {
    if (type === PieceType.byte) return this.begun(this.byte(Number.parseInt(piece.slice(3, 5), 16)));
    if (type === PieceType.control) return this.begun(this.flushed());
    const broken = this.begun(this.flushed());
    return broken + (type === PieceType.unknown ? this.begun(this.rules.unknown) : this.text(piece));
  }

  /** What is still held back, at the end of the pieces: a character that never became whole. */
  end(): string {
    return this.begun(this.flushed());
  }

  private text(piece: string): string {
    const isDropped = this.atStart && piece.startsWith(SPACE);
    if (isDropped && this.rules.leadingSpaces === "drop one") this.atStart = false;
    const body = isDropped ? piece.slice(1) : piece;
    return this.begun(body.replaceAll(SPACE, " "));
  }

  private begun(text: string): string {
    if (text !== "") this.atStart = false;
    return text;
  }

  private byte(byte: number): string {
    this.bytes.push(byte);
    let text = "";
    for (;;) {
      const state = utf8State(this.bytes);
      if (state === "partial") return text;
      // SentencePiece replaces each byte that begins no character
      const length = state === "broken" ? 1 : this.bytes.length;
      const taken = this.bytes.splice(0, length);
      text +=
        state === "broken" ? REPLACEMENT : new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(taken));
      if (this.bytes.length === 0) return text;
    }
  }

  private flushed(): string {
    if (this.bytes.length === 0) return "";
    return REPLACEMENT.repeat(this.bytes.splice(0).length);
  }
}

/** Whether bytes are one UTF-8 character, the beginning of one, or neither. */
function utf8State(bytes: readonly number[]): "whole" | "partial" | "broken" {
  const lead = bytes[0]!;
  const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length === 0 || bytes.length > length) return "broken";
  const second = bytes[1];
  if (second !== undefined && (second < lowest(lead) || second > highest(lead))) return "broken";
  if (bytes.slice(2).some((byte) => byte < 0x80 || byte > 0xbf)) return "broken";
  return bytes.length === length ? "whole" : "partial";
}

/** Least second byte: no overlong forms. */
function lowest(lead: number): number {
  return lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
}

/** Greatest second byte: no surrogates, nothing over U+10FFFF. */
function highest(lead: number): number {
  return lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
}
