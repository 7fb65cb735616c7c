import protobuf from "protobufjs";

/** Kinds of piece, as sentencepiece_model.proto numbers them. */
export const PieceType = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;
export type PieceType = (typeof PieceType)[keyof typeof PieceType];

export interface Piece {
  readonly piece: string;
  /** Unigram: natural log-probability; BPE: minus the rank of the merge. */
  readonly score: number;
  readonly type: PieceType;
}

export const ModelType = { unigram: 1, bpe: 2, word: 3, char: 4 } as const;

/** What a SentencePiece model file holds, as far as encoding and decoding need it. */
export interface SentencePieceModel {
  readonly pieces: readonly Piece[];
  readonly modelType: number;
  readonly byteFallback: boolean;
  readonly characterCoverage: number;
  readonly userDefinedSymbols: readonly string[];
  readonly normalizer: {
    readonly name: string;
    /** See charsmap.ts; empty leaves the text as it is. */
    readonly charsmap: Uint8Array;
    readonly addDummyPrefix: boolean;
    readonly removeExtraWhitespaces: boolean;
  };
}

export const SPECIAL = { pad: 0, unk: 1, bos: 2, eos: 3 } as const;
export const SPECIAL_PIECES: readonly Piece[] = [
  { piece: "<pad>", score: 0, type: PieceType.control },
  { piece: "<unk>", score: 0, type: PieceType.unknown },
  { piece: "<s>", score: 0, type: PieceType.control },
  { piece: "</s>", score: 0, type: PieceType.control },
];

/** A file that is not a SentencePiece model. */
export class TokenizerError extends Error {
  override readonly name = "TokenizerError";
}

// the fields of sentencepiece_model.proto that are written here; others keep their defaults. Presence is
// explicit (proto2): false and 0 have to be written where the default is another
const schema = protobuf.Root.fromJSON({
  nested: {
    SentencePiece: {
      edition: "proto2",
      fields: {
        piece: { type: "string", id: 1 },
        score: { type: "float", id: 2 },
        type: { type: "int32", id: 3 },
      },
    },
    TrainerSpec: {
      edition: "proto2",
      fields: {
        modelType: { type: "int32", id: 3 },
        vocabSize: { type: "int32", id: 4 },
        characterCoverage: { type: "float", id: 10 },
        userDefinedSymbols: { rule: "repeated", type: "string", id: 31 },
        byteFallback: { type: "bool", id: 35 },
        unkId: { type: "int32", id: 40 },
        bosId: { type: "int32", id: 41 },
        eosId: { type: "int32", id: 42 },
        padId: { type: "int32", id: 43 },
        unkSurface: { type: "string", id: 44 },
      },
    },
    NormalizerSpec: {
      edition: "proto2",
      fields: {
        name: { type: "string", id: 1 },
        precompiledCharsmap: { type: "bytes", id: 2 },
        addDummyPrefix: { type: "bool", id: 3 },
        removeExtraWhitespaces: { type: "bool", id: 4 },
        escapeWhitespaces: { type: "bool", id: 5 },
      },
    },
    ModelProto: {
      edition: "proto2",
      fields: {
        pieces: { rule: "repeated", type: "SentencePiece", id: 1 },
        trainerSpec: { type: "TrainerSpec", id: 2 },
        normalizerSpec: { type: "NormalizerSpec", id: 3 },
      },
    },
  },
});
const ModelProto = schema.lookupType("ModelProto");

export function encodeModel(model: SentencePieceModel): Uint8Array {
  const { normalizer } = model;
  return ModelProto.encode(
    ModelProto.fromObject({
      pieces: model.pieces.map((p) => ({ piece: p.piece, score: p.score, type: p.type })),
      trainerSpec: {
        modelType: model.modelType,
        vocabSize: model.pieces.length,
        characterCoverage: model.characterCoverage,
        userDefinedSymbols: [...model.userDefinedSymbols],
        byteFallback: model.byteFallback,
        unkId: SPECIAL.unk,
        bosId: SPECIAL.bos,
        eosId: SPECIAL.eos,
        padId: SPECIAL.pad,
      },
      normalizerSpec: {
        name: normalizer.name,
        precompiledCharsmap: normalizer.charsmap,
        addDummyPrefix: normalizer.addDummyPrefix,
        removeExtraWhitespaces: normalizer.removeExtraWhitespaces,
        escapeWhitespaces: true,
      },
    }),
  ).finish();
}

/** The pieces of a model with their scores and types, by id. @throws TokenizerError when the bytes are no SentencePiece model */
export function piecesOf(bytes: Uint8Array): Piece[] {
  const pieces = decodeModel(bytes).pieces ?? [];
  if (pieces.length === 0) throw new TokenizerError("not a SentencePiece model: it holds no pieces");
  return pieces.map((p) => ({
    piece: p.piece ?? "",
    score: p.score ?? 0,
    type: (p.type || PieceType.normal) as PieceType,
  }));
}

/** The kind of a model. @throws TokenizerError when the bytes are no SentencePiece model */
export function modelTypeOf(bytes: Uint8Array): keyof typeof ModelType {
  // SentencePiece's default, which it does not write
  const code = decodeModel(bytes).trainerSpec?.modelType ?? ModelType.unigram;
  const found = Object.entries(ModelType).find(([, value]) => value === code);
  if (!found) throw new TokenizerError(`there is no model type ${code}`);
  return found[0] as keyof typeof ModelType;
}

/** What a model says of decoding. */
export interface DecodingRules {
  /** Spaces at the beginning that are not of the text: all where texts are trimmed, else the one that was put in front, if so. */
  readonly leadingSpaces: "drop all" | "drop one" | "keep";
  /** What stands for an unknown piece. */
  readonly unknown: string;
}

/** @throws TokenizerError when the bytes are no SentencePiece model */
export function decodingRulesOf(bytes: Uint8Array): DecodingRules {
  const { normalizerSpec = {}, trainerSpec = {} } = decodeModel(bytes);
  const { addDummyPrefix = true, removeExtraWhitespaces = true } = normalizerSpec;
  return {
    leadingSpaces: removeExtraWhitespaces ? "drop all" : addDummyPrefix ? "drop one" : "keep",
    unknown: trainerSpec.unkSurface ?? " \u2047 ",
  };
}

interface DecodedModel {
  readonly pieces?: { piece?: string; score?: number; type?: number }[];
  readonly trainerSpec?: { readonly modelType?: number; readonly unkSurface?: string };
  readonly normalizerSpec?: { addDummyPrefix?: boolean; removeExtraWhitespaces?: boolean };
}

function decodeModel(bytes: Uint8Array): DecodedModel {
  try {
    return ModelProto.toObject(ModelProto.decode(bytes)) as DecodedModel;
  } catch {
    throw new TokenizerError("not a SentencePiece model: the file cannot be parsed");
  }
}
