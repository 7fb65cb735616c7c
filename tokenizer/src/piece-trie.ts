export interface Edge {
  /** Position behind the piece, in characters. */
  readonly to: number;
  readonly id: number;
  readonly score: number;
}

/** An unknown character costs this much, so that it is taken only where nothing else fits. */
const UNKNOWN_SCORE = -40;

/** Pieces by their characters, to find all that begin at a place in a word. Ids are the order of insertion. */
export class PieceTrie {
  readonly size: number;
  private readonly scores: Float64Array;
  private readonly codes = new Map<string, number>();
  private readonly next = new Map<number, number>();
  private readonly ends: number[] = [-1];

  constructor(pieces: ReadonlyMap<string, number>) {
    this.size = pieces.size;
    this.scores = Float64Array.from(pieces.values());
    let id = 0;
    for (const piece of pieces.keys()) this.insert(piece, id++);
  }

  score(id: number): number {
    return this.scores[id]!;
  }

  private insert(piece: string, id: number): void {
    let node = 0;
    for (const character of piece) {
      if (!this.codes.has(character)) this.codes.set(character, this.codes.size);
      const key = node * 0x10000 + this.codes.get(character)!;
      let next = this.next.get(key);
      if (next === undefined) {
        next = this.ends.length;
        this.ends.push(-1);
        this.next.set(key, next);
      }
      node = next;
    }
    this.ends[node] = id;
  }

  /** For each place in the word, the pieces that begin there. */
  edges(word: string): Edge[][] {
    const codes = Array.from(word, (character) => this.codes.get(character) ?? -1);
    return codes.map((_, from) => {
      const found: Edge[] = [];
      let node = 0;
      for (let at = from; at < codes.length && codes[at]! >= 0; at++) {
        const next = this.next.get(node * 0x10000 + codes[at]!);
        if (next === undefined) break;
        node = next;
        const id = this.ends[node]!;
        if (id >= 0) found.push({ to: at + 1, id, score: this.scores[id]! });
      }
      return found;
    });
  }

  /** Ids of the likeliest segmentation (Viterbi); unknown characters are left out. */
  best(word: string, excluded = -1): number[] {
    const edges = this.edges(word);
    const n = edges.length;
    const score = new Float64Array(n + 1).fill(Number.NEGATIVE_INFINITY);
    const from = new Int32Array(n + 1);
    const piece = new Int32Array(n + 1).fill(-1);
    score[0] = 0;
    for (let at = 0; at < n; at++) {
      if (score[at]! + UNKNOWN_SCORE > score[at + 1]!) {
        score[at + 1] = score[at]! + UNKNOWN_SCORE;
        from[at + 1] = at;
        piece[at + 1] = -1;
      }
      for (const edge of edges[at]!) {
        const total = score[at]! + edge.score;
        if (edge.id === excluded || total <= score[edge.to]!) continue;
        score[edge.to] = total;
        from[edge.to] = at;
        piece[edge.to] = edge.id;
      }
    }
    const ids: number[] = [];
    for (let at = n; at > 0; at = from[at]!) if (piece[at]! >= 0) ids.push(piece[at]!);
    return ids.reverse();
  }

  /** How a piece would be written without itself; undefined when it is not even its own best segmentation. */
  bestWithout(piece: string, id: number): number[] | undefined {
    const best = this.best(piece);
    return best.length === 1 && best[0] === id ? this.best(piece, id) : undefined;
  }
}
