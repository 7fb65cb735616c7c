import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SentencePieceProcessor } from "sentencepiece-js";
import { bpeDropout } from "./bpe-dropout.js";
import {
  type DecodingRules,
  decodingRulesOf,
  modelTypeOf,
  type Piece,
  piecesOf,
  SPECIAL_PIECES,
  TokenizerError,
} from "./model-proto.js";
import { loadProcessor } from "./processor.js";
import type { Resegment } from "./resegment.js";
import { StreamDecoder } from "./stream-decoder.js";
import { unigramSampling } from "./unigram-sampling.js";
import { wellFormed } from "./well-formed.js";

/** Text to ids and back by a SentencePiece model. */
export class Tokenizer {
  private constructor(
    private readonly processor: SentencePieceProcessor,
    private readonly pieces: readonly Piece[],
    private readonly rules: DecodingRules,
    readonly type: "unigram" | "bpe" | "word" | "char",
  ) {}

  /** @throws TokenizerError when the file is missing, no SentencePiece model, or has its special pieces elsewhere */
  static async load(path: string): Promise<Tokenizer> {
    const bytes = await readFile(path).catch((error: Error) => {
      throw new TokenizerError(`cannot read the tokenizer ${path}: ${error.message}`);
    });
    const pieces = piecesOf(bytes);
    checkSpecial(pieces);
    return new Tokenizer(await loadProcessor(path), pieces, decodingRulesOf(bytes), modelTypeOf(bytes));
  }

  /** @throws TokenizerError as load does */
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
    return text === "" ? [] : this.processor.encodeIds(wellFormed(text));
  }

  /** Draws other segmentations by BPE dropout: see bpe-dropout.ts. @throws TokenizerError when this is no BPE model */
  dropout(rate: number): Resegment {
    this.requireType("bpe", "dropout");
    return bpeDropout(this.pieces, { dropout: rate });
  }

  /** Draws other segmentations by their probabilities: see unigram-sampling.ts. @throws TokenizerError when this is no unigram model */
  sampling(alpha: number): Resegment {
    this.requireType("unigram", "sampling");
    return unigramSampling(this.pieces, { alpha });
  }

  private requireType(type: Tokenizer["type"], what: string): void {
    if (this.type !== type) throw new TokenizerError(`${what} needs a ${type} model, this is a ${this.type} model`);
  }

  /** Control pieces (pad, bos, eos) leave no trace; an unknown piece is written ⁇, unless the model says otherwise. */
  decode(ids: readonly number[]): string {
    const decoder = this.streamDecoder();
    return ids.map((id) => decoder.push(id)).join("") + decoder.end();
  }

  /** @throws TokenizerError when there is no such id */
  piece(id: number): string {
    return this.at(id).piece;
  }

  /**
   * The text of tokens as they come: each push gives what its token adds for certain; with end(), all of it joined is their
   * text. Bytes of a character are held back until it is whole.
   */
  streamDecoder(): { push(id: number): string; end(): string } {
    const decoder = new StreamDecoder(this.rules);
    return {
      push: (id) => decoder.push(this.at(id)),
      end: () => decoder.end(),
    };
  }

  private at(id: number): Piece {
    const piece = this.pieces[id];
    if (!piece) throw new TokenizerError(`there is no piece ${id}: ids go from 0 to ${this.pieces.length - 1}`);
    return piece;
  }
}

function checkSpecial(pieces: readonly Piece[]): void {
  for (const [id, { piece, type }] of SPECIAL_PIECES.entries()) {
    if (pieces[id]?.piece === piece && pieces[id].type === type) continue;
    throw new TokenizerError(
      `the tokenizer has ${pieces[id]?.piece ?? "nothing"} as piece ${id}; it must be ${piece}: pieces 0 to 3 are <pad>, <unk>, <s>, </s>`,
    );
  }
}
