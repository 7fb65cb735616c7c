import { type Piece, PieceType } from "./model-proto.js";
import { type Resegment, resegmentWords } from "./resegment.js";

/**
 * BPE dropout (Provilkov, Emelianenko & Voita 2020, algorithm 1): a word is merged again from its characters, and at each
 * step every possible merge is left out with probability `dropout`. 0 gives the segmentation of the model, 1 the characters.
 */
export function bpeDropout(pieces: readonly Piece[], { dropout }: { dropout: number }): Resegment {
  const merges = new Merges(pieces);
  return resegmentWords(pieces, (word, random) => {
    const characters = merges.charactersOf(word);
    // a model that was not learned here may have pieces of characters that are none
    if (!characters) return word;
    while (mergeBest(characters, { merges, dropout, random }));
    return characters;
  });
}

/** Merges the best pair of neighbours that is not left out, in place; false when there is none. */
function mergeBest(
  word: number[],
  { merges, dropout, random }: { merges: Merges; dropout: number; random: () => number },
): boolean {
  let [best, at, score] = [-1, -1, Number.NEGATIVE_INFINITY];
  for (let i = 0; i + 1 < word.length; i++) {
    const merged = merges.merged(word[i]!, word[i + 1]!);
    if (merged === undefined || merges.score(merged) <= score || random() < dropout) continue;
    [best, at, score] = [merged, i, merges.score(merged)];
  }
  if (at < 0) return false;
  word.splice(at, 2, best);
  return true;
}

/** Which pieces make which together. */
class Merges {
  private readonly byPair = new Map<number, number>();
  private readonly characters: (readonly number[] | undefined)[];

  constructor(private readonly pieces: readonly Piece[]) {
    const ids = new Map<string, number>();
    for (const [id, { piece, type }] of pieces.entries()) if (type === PieceType.normal) ids.set(piece, id);
    for (const [piece, id] of ids) {
      for (let at = 1; at < piece.length; at++) {
        const [left, right] = [ids.get(piece.slice(0, at)), ids.get(piece.slice(at))];
        if (left !== undefined && right !== undefined) this.byPair.set(this.key(left, right), id);
      }
    }
    this.characters = pieces.map(({ piece }) => {
      const found = Array.from(piece, (character) => ids.get(character));
      return found.includes(undefined) ? undefined : (found as number[]);
    });
  }

  merged(left: number, right: number): number | undefined {
    return this.byPair.get(this.key(left, right));
  }

  score(id: number): number {
    return this.pieces[id]!.score;
  }

  /** The ids of the characters of a word; undefined when some character is no piece. */
  charactersOf(word: readonly number[]): number[] | undefined {
    const all: number[] = [];
    for (const id of word) {
      const characters = this.characters[id];
      if (!characters) return undefined;
      all.push(...characters);
    }
    return all;
  }

  private key(left: number, right: number): number {
    return left * this.pieces.length + right;
  }
}
