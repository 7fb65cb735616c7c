import { learnBpe } from "./bpe.js";
import { nfkcCharsmap, normalizeNfkc } from "./charsmap.js";
import { encodeModel, ModelType, type Piece, PieceType, SPECIAL_PIECES, TokenizerError } from "./model-proto.js";
import { learnUnigram } from "./unigram.js";
import { countWords, coveredCharacters, SPACE, withoutRareCharacters } from "./words.js";

export interface LearnOptions {
  readonly sentences: Iterable<string>;
  readonly type: "unigram" | "bpe" | "char";
  /** Pieces, special ones included; fewer come of a text that is too small, and a char model has just its characters. */
  readonly vocabularySize: number;
  /** Share of the text whose characters must be pieces; 1 makes all of them pieces. */
  readonly characterCoverage?: number;
  /** nfkc folds characters that look alike and trims spaces; identity keeps the text letter for letter. */
  readonly normalization?: "nfkc" | "identity";
  /** Strings that are always one piece. */
  readonly userDefinedSymbols?: readonly string[];
  /** Writes unknown characters as the bytes of their UTF-8, with 256 pieces for them. */
  readonly byteFallback?: boolean;
  readonly onProgress?: (message: string) => void;
}

/**
 * Learns a tokenizer from sentences: the bytes of a SentencePiece ModelProto, with <pad> 0, <unk> 1, <s> 2, </s> 3.
 * @throws TokenizerError when the vocabulary is too small for the characters, or the text is empty
 */
export function learnTokenizer(options: LearnOptions): Uint8Array {
  const { type, characterCoverage = 0.9995, normalization = "nfkc", byteFallback = false } = options;
  const symbols = (options.userDefinedSymbols ?? []).map((symbol) => symbol.replaceAll(" ", SPACE));
  checkSymbols(symbols);
  const literal = normalization === "identity";
  const words = countWords(normalized(options.sentences, literal), symbols);
  if (words.size === 0) throw new TokenizerError("there is no text to learn a tokenizer from");
  const characters = coveredCharacters(words, characterCoverage);
  if (!literal) characters.add(SPACE);
  for (const symbol of symbols) characters.delete(symbol);
  const fixed: Piece[] = [...SPECIAL_PIECES, ...symbols.map(userDefined), ...(byteFallback ? bytePieces() : [])];
  const size = options.vocabularySize - fixed.length;
  if (size < characters.size) {
    throw new TokenizerError(
      `a vocabulary of ${options.vocabularySize} is too small: ${fixed.length} special pieces and ${characters.size} characters need ${fixed.length + characters.size}; lower the character coverage or allow more`,
    );
  }
  const progress = options.onProgress ? { onProgress: options.onProgress } : {};
  const learned = learn(type, { words: withoutRareCharacters(words, characters), characters, size, ...progress });
  return encodeModel({
    pieces: [...fixed, ...[...learned].map(([piece, score]) => ({ piece, score, type: PieceType.normal }))],
    modelType: ModelType[type],
    byteFallback,
    characterCoverage,
    userDefinedSymbols: symbols,
    normalizer: {
      name: literal ? "identity" : "nfkc",
      charsmap: literal ? new Uint8Array() : nfkcCharsmap(),
      addDummyPrefix: !literal,
      removeExtraWhitespaces: !literal,
    },
  });
}

function checkSymbols(symbols: readonly string[]): void {
  const taken = new Set(["", ...SPECIAL_PIECES.map(({ piece }) => piece)]);
  for (const symbol of symbols) {
    if (taken.has(symbol)) {
      throw new TokenizerError(
        `"${symbol}" cannot be a user-defined symbol: symbols differ from each other, from the empty text and from the special pieces`,
      );
    }
    taken.add(symbol);
  }
}

function* normalized(sentences: Iterable<string>, literal: boolean): Iterable<string> {
  for (const sentence of sentences) {
    const text = literal ? sentence : normalizeNfkc(sentence);
    if (text) yield text;
  }
}

function learn(type: LearnOptions["type"], options: Parameters<typeof learnUnigram>[0]): Map<string, number> {
  if (type === "unigram") return learnUnigram(options);
  if (type === "bpe") return learnBpe(options);
  return new Map([...options.characters].map((c, k) => [c, -k]));
}

function userDefined(piece: string): Piece {
  return { piece, score: 0, type: PieceType.userDefined };
}

function bytePieces(): Piece[] {
  return Array.from({ length: 256 }, (_, byte) => ({
    piece: `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
    score: 0,
    type: PieceType.byte,
  }));
}
