import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SentencePieceProcessor } from "sentencepiece-js";
import { type Piece, PieceType, piecesOf, SPECIAL, TokenizerError } from "./model-proto.js";
import { SPACE } from "./words.js";

/** Events for which the WASM module adds handlers at every load, which print its source and end the process. */
const CRASH_EVENTS = ["uncaughtException", "unhandledRejection"] as const;

async function loadProcessor(path: string): Promise<SentencePieceProcessor> {
  const before = CRASH_EVENTS.map((event) => new Set(process.rawListeners(event)));
  const processor = new SentencePieceProcessor();
  await processor.load(path);
  CRASH_EVENTS.forEach((event, k) => {
    for (const listener of process.rawListeners(event)) {
      if (!before[k]!.has(listener)) process.off(event, listener as (...args: unknown[]) => void);
    }
  });
  return processor;
}

/** Text to ids and back by a SentencePiece model. */
export class Tokenizer {
  static readonly special = SPECIAL;

  private constructor(
    private readonly processor: SentencePieceProcessor,
    private readonly pieces: readonly Piece[],
  ) {}

  /** @throws TokenizerError when the file is missing or no SentencePiece model */
  static async load(path: string): Promise<Tokenizer> {
    const bytes = await readFile(path).catch((error: Error) => {
      throw new TokenizerError(`cannot read the tokenizer ${path}: ${error.message}`);
    });
    const pieces = piecesOf(bytes);
    return new Tokenizer(await loadProcessor(path), pieces);
  }

  /** @throws TokenizerError when the bytes are no SentencePiece model */
  static async fromBytes(bytes: Uint8Array): Promise<Tokenizer> {
    // the processor reads files only
    const folder = await mkdtemp(join(tmpdir(), "carousel-tokenizer-"));
    try {
      const path = join(folder, "tokenizer.model");
      await writeFile(path, bytes);
      return await Tokenizer.load(path);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Number of pieces. */
  get size(): number {
    return this.pieces.length;
  }

  /** Ids without bos and eos. */
  encode(text: string): number[] {
    return text === "" ? [] : this.processor.encodeIds(text);
  }

  encodePieces(text: string): string[] {
    return text === "" ? [] : this.processor.encodePieces(text);
  }

  /** Control pieces (pad, bos, eos) leave no trace; an unknown piece is written ⁇. */
  decode(ids: readonly number[]): string {
    for (const id of ids) this.piece(id);
    return ids.length === 0 ? "" : this.processor.decodeIds([...ids]);
  }

  /** @throws TokenizerError when there is no such id */
  piece(id: number): string {
    const piece = this.pieces[id];
    if (!piece) throw new TokenizerError(`there is no piece ${id}: ids go from 0 to ${this.pieces.length - 1}`);
    return piece.piece;
  }

  /**
   * The text of tokens as they come: each call gives what its token adds. Bytes of a character are held back until it is
   * whole, and a space until something follows it, so that the pieces joined are the decoded text.
   */
  streamDecoder(): { push(id: number): string; end(): string } {
    const ids: number[] = [];
    let given = "";
    const advance = (final: "final" | "more"): string => {
      const text = this.decode(ids);
      const last = this.pieces[ids.at(-1) ?? SPECIAL.pad]!;
      const held = final === "more" && (last.type === PieceType.byte || last.piece === SPACE);
      if (held || !text.startsWith(given)) return "";
      const added = text.slice(given.length);
      given = text;
      return added;
    };
    return {
      push(id) {
        ids.push(id);
        return advance("more");
      },
      end: () => advance("final"),
    };
  }
}
