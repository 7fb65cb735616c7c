export { type LearnOptions, learnTokenizer } from "./learn.js";
export { decodePieces, type Piece, PieceType, SPECIAL, TokenizerError } from "./model-proto.js";
export { Tokenizer } from "./tokenizer.js";
