import { learnBpe } from "./bpe.js";
import { nfkcCharsmap, normalizeNfkc } from "./charsmap.js";
import { encodeModel, ModelType, type Piece, PieceType, SPECIAL_PIECES, TokenizerError } from "./model-proto.js";
import { learnUnigram } from "./unigram.js";
import { wellFormed } from "./well-formed.js";
import { learnWords } from "./word.js";
import { countWords, coveredCharacters, SPACE, withoutRareCharacters } from "./words.js";

export interface LearnOptions {
  readonly sentences: Iterable<string>;
  /** word: every word between spaces is one piece, and there are no others. */
  readonly type: "unigram" | "bpe" | "char" | "word";
  /** Pieces, special ones included; fewer come of a text that is too small, and a char model has just its characters. */
  readonly vocabularySize: number;
  /** Share of the text whose characters must be pieces; 1 makes all of them pieces. */
  readonly characterCoverage?: number;
  /** nfkc folds characters that look alike and trims spaces; identity keeps the text letter for letter, words but for spaces. */
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
  if (type === "word" && symbols.length > 0) {
    throw new TokenizerError("a word model takes no user-defined symbols: its pieces are whole words");
  }
  const identity = normalization === "identity";
  // between words there is one space, and one in front, so that a word is the same piece at the beginning
  const literal = identity && type !== "word";
  const words = countWords(normalized(options.sentences, { normalization, literal }), symbols);
  if (words.size === 0) throw new TokenizerError("there is no text to learn a tokenizer from");
  const characters = type === "word" ? new Set<string>() : coveredCharacters(words, characterCoverage);
  // as spm_train has it: SentencePiece takes a piece with a zero byte for an empty one
  characters.delete("\0");
  if (!literal && type !== "word") characters.add(SPACE);
  for (const symbol of symbols) characters.delete(symbol);
  const fixed: Piece[] = [...SPECIAL_PIECES, ...symbols.map(userDefined), ...(byteFallback ? bytePieces() : [])];
  const size = options.vocabularySize - fixed.length;
  requireRoom(options.vocabularySize, { special: fixed.length, characters: characters.size });
  const progress = options.onProgress ? { onProgress: options.onProgress } : {};
  const learned =
    type === "word"
      ? learnWords({ words, size })
      : learn(type, { words: withoutRareCharacters(words, characters), characters, size, ...progress });
  return encodeModel({
    pieces: [...fixed, ...[...learned].map(([piece, score]) => ({ piece, score, type: PieceType.normal }))],
    modelType: ModelType[type],
    byteFallback,
    characterCoverage,
    userDefinedSymbols: symbols,
    normalizer: {
      name: normalization,
      charsmap: identity ? new Uint8Array() : nfkcCharsmap(),
      addDummyPrefix: !literal,
      removeExtraWhitespaces: !literal,
    },
  });
}

function requireRoom(vocabularySize: number, fixed: { special: number; characters: number }): void {
  const { special, characters } = fixed;
  // beside the special pieces there must be something to write text with
  const needed = special + Math.max(1, characters);
  if (vocabularySize >= needed) return;
  throw new TokenizerError(
    `a vocabulary of ${vocabularySize} is too small: ${special} special pieces and ${characters} characters need ${needed}; lower the character coverage or allow more`,
  );
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

function* normalized(
  sentences: Iterable<string>,
  { normalization, literal }: { normalization: LearnOptions["normalization"]; literal: boolean },
): Iterable<string> {
  for (const given of sentences) {
    const sentence = wellFormed(given);
    const text = normalization === "nfkc" ? normalizeNfkc(sentence) : literal ? sentence : trimmed(sentence);
    if (text) yield text;
  }
}

function trimmed(sentence: string): string {
  return sentence.split(" ").filter(Boolean).join(" ");
}

function learn(
  type: Exclude<LearnOptions["type"], "word">,
  options: Parameters<typeof learnUnigram>[0],
): Map<string, number> {
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
