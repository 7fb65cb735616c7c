import type { NewSentence } from "./running-batch.js";
import { integers, type Tensors } from "./tensor.js";

/** Columns and lists have a multiple of so many places: sums over them are then made in one order whatever the batch mates. */
const COLUMNS_MULTIPLE = 16;
const LIST_MULTIPLE = 64;
/** Columns are gathered anew for every run; beyond this share of the vocabulary it is faster to compute all, which are packed ahead. */
const MOST_GATHERED = 1 / 5;

/** What a decoder that takes a shortlist is given, for as long as the sentences of a batch stay the same. */
export class Shortlist {
  private feeds: Tensors = {};

  constructor(private readonly vocabulary: number) {}

  /** Sentences of the next batch, in their order. One without candidates chooses from all of the vocabulary. */
  stack(sentences: readonly Pick<NewSentence, "candidates">[]): void {
    const lists = sentences.map((s) => s.candidates);
    const { columns, placeOf } = this.union(lists);
    const longest = Math.max(0, ...lists.map((list) => (columns.length > 0 ? (list?.length ?? this.vocabulary) : 0)));
    const length = roundedUp(longest, LIST_MULTIPLE);
    const places = new Int32Array(lists.length * length).fill(-1);
    lists.forEach((list, n) => {
      for (let k = 0; k < (length && (list?.length ?? this.vocabulary)); k++) {
        places[n * length + k] = placeOf[list ? list[k]! : k]!;
      }
    });
    this.feeds = {
      columns: integers(columns, [columns.length]),
      places: integers(places, [lists.length, length]),
    };
  }

  /** columns int64 [C] and places int64 [N, L]; docs/model-bundle.md. */
  feed(): Tensors {
    return this.feeds;
  }

  /** The candidates of all sentences and perhaps more, ascending, and by token its place among them; none where nobody has a list. */
  private union(lists: readonly (Int32Array | undefined)[]): { columns: Int32Array; placeOf: Int32Array } {
    const { vocabulary } = this;
    const placeOf = new Int32Array(vocabulary);
    if (lists.every((list) => list === undefined)) return { columns: placeOf.subarray(0, 0), placeOf };
    for (const list of lists) {
      if (list) for (const id of list) placeOf[id] = 1;
      else placeOf.fill(1);
    }
    const wanted = placeOf.reduce((count, used) => count + used, 0);
    if (wanted > MOST_GATHERED * vocabulary) {
      const everything = Int32Array.from(placeOf.keys());
      return { columns: everything, placeOf: everything };
    }
    // what is too much repeats the first token; nobody's place is there
    const columns = new Int32Array(roundedUp(wanted, COLUMNS_MULTIPLE));
    let at = 0;
    for (let id = 0; id < vocabulary; id++) {
      if (placeOf[id] === 0) continue;
      columns[at] = id;
      placeOf[id] = at++;
    }
    return { columns, placeOf };
  }
}

function roundedUp(count: number, multiple: number): number {
  return Math.ceil(count / multiple) * multiple;
}
