export { type LearnOptions, learnTokenizer } from "./learn.js";
export { type Piece, PieceType, piecesOf, SPECIAL, TokenizerError } from "./model-proto.js";
export type { Resegment } from "./resegment.js";
export { Tokenizer } from "./tokenizer.js";
