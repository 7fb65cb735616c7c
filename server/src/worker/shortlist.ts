import type { NewSentence } from "./running-batch.js";
import { integers, type Tensors } from "./tensor.js";

/** Columns and lists have a multiple of so many places: sums over them are then made in one order whatever the batch mates. */
const COLUMNS_MULTIPLE = 16;
const LIST_MULTIPLE = 64;
/**
 * Columns are gathered and packed anew for every run. Beyond this share of the vocabulary it is faster to compute all, which are
 * packed ahead: a decoder multiplies a few rows a step by them, an encoder all its frames.
 */
const MOST_GATHERED = { decoder: 1 / 5, encoder: 1 / 2 };

/** Tokens whose logits are computed, and by token its place among them; where they are all tokens a place is the token. */
interface Columns {
  readonly columns: Int32Array;
  readonly placeOf?: Int32Array;
}

/** What a graph that takes a shortlist is given. */
export class Shortlist {
  private readonly everything: Int32Array;

  constructor(
    private readonly vocabulary: number,
    private readonly graph: "encoder" | "decoder",
  ) {
    this.everything = Int32Array.from({ length: vocabulary }, (_, id) => id);
  }

  /**
   * columns int64 [C] and places int64 [N, L] (docs/model-bundle.md) for the sentences of a batch, in their order. One without
   * candidates chooses from all of the vocabulary.
   */
  feedsOf(sentences: readonly Pick<NewSentence, "candidates">[]): Tensors {
    const given = sentences.some((s) => s.candidates);
    const lists = given ? sentences.map((s) => s.candidates ?? this.everything) : [];
    const { columns, placeOf } = this.columnsFor(lists);
    const length = roundedUp(Math.max(0, ...lists.map((list) => list.length)), LIST_MULTIPLE);
    const places = new Int32Array(sentences.length * length).fill(-1);
    lists.forEach((list, n) => void places.set(placeOf ? list.map((id) => placeOf[id]!) : list, n * length));
    return {
      columns: integers(columns, [columns.length]),
      places: integers(places, [sentences.length, length]),
    };
  }

  /** The candidates of all sentences, ascending, or all tokens where that is faster. */
  private columnsFor(lists: readonly Int32Array[]): Columns {
    const { vocabulary, graph } = this;
    const placeOf = new Int32Array(vocabulary);
    let wanted = 0;
    for (const list of lists) {
      for (const id of list) {
        wanted += 1 - placeOf[id]!;
        placeOf[id] = 1;
      }
      if (wanted > MOST_GATHERED[graph] * vocabulary) return { columns: this.everything };
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
