import type { NewSentence } from "./running-batch.js";
import { integers, type Tensors } from "./tensor.js";

/** Columns and lists have a multiple of so many places: sums over them are then made in one order whatever the batch mates. */
const COLUMNS_MULTIPLE = 16;
const LIST_MULTIPLE = 64;
/** Columns are gathered anew for every run; beyond this share of the vocabulary it is faster to compute all, which are packed ahead. */
const MOST_GATHERED = 1 / 5;

/** Tokens whose logits are computed, and by token its place among them; where they are all tokens a place is the token. */
interface Columns {
  readonly columns: Int32Array;
  readonly placeOf?: Int32Array;
}

/** What a decoder that takes a shortlist is given, for as long as the sentences of a batch stay the same. */
export class Shortlist {
  private readonly everything: Int32Array;
  private feeds: Tensors = {};

  constructor(private readonly vocabulary: number) {
    this.everything = Int32Array.from({ length: vocabulary }, (_, id) => id);
  }

  /** Sentences of the next batch, in their order. One without candidates chooses from all of the vocabulary. */
  stack(sentences: readonly Pick<NewSentence, "candidates">[]): void {
    const given = sentences.some((s) => s.candidates);
    const lists = given ? sentences.map((s) => s.candidates ?? this.everything) : [];
    const { columns, placeOf } = this.columnsFor(lists);
    const length = roundedUp(Math.max(0, ...lists.map((list) => list.length)), LIST_MULTIPLE);
    const places = new Int32Array(sentences.length * length).fill(-1);
    lists.forEach((list, n) => void places.set(placeOf ? list.map((id) => placeOf[id]!) : list, n * length));
    this.feeds = {
      columns: integers(columns, [columns.length]),
      places: integers(places, [sentences.length, length]),
    };
  }

  /** columns int64 [C] and places int64 [N, L]; docs/model-bundle.md. */
  feed(): Tensors {
    return this.feeds;
  }

  /** The candidates of all sentences, ascending, or all tokens where that is faster. */
  private columnsFor(lists: readonly Int32Array[]): Columns {
    const { vocabulary } = this;
    const placeOf = new Int32Array(vocabulary);
    let wanted = 0;
    for (const list of lists) {
      for (const id of list) {
        wanted += 1 - placeOf[id]!;
        placeOf[id] = 1;
      }
      if (wanted > MOST_GATHERED * vocabulary) return { columns: this.everything };
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
