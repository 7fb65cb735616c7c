import { type Piece, PieceType } from "./model-proto.js";
import { SPACE } from "./words.js";

/** Another segmentation of the same text. `random` gives numbers in [0, 1) and decides which. */
export type Resegment = (ids: ArrayLike<number>, random: () => number) => number[];

/** Another segmentation of one word, whose pieces are normal ones. */
export type ResegmentWord = (ids: readonly number[], random: () => number) => Iterable<number>;

/** Draws word by word. Pieces that stand for themselves (unknown, bytes, symbols) stay, and end a word. */
export function resegmentWords(pieces: readonly Piece[], draw: ResegmentWord): Resegment {
  const normal = pieces.map((p) => p.type === PieceType.normal);
  const begins = pieces.map((p) => p.piece.startsWith(SPACE));
  return (ids, random) => {
    const drawn: number[] = [];
    let word: number[] = [];
    const endWord = () => {
      if (word.length > 0) for (const id of draw(word, random)) drawn.push(id);
      word = [];
    };
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      if (begins[id] || !normal[id]) endWord();
      if (normal[id]) word.push(id);
      else drawn.push(id);
    }
    endWord();
    return drawn;
  };
}
