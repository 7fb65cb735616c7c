import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { toRows } from "./rows.js";

/** What a shortlist leaves to choose from, as the graph is given it; shapes and meaning: docs/model-bundle.md. */
export interface ShortlistInputs {
  /** int64 [C]: tokens whose logits are computed; all of them in their order when C = V. */
  readonly columns: Value;
  /** int64 [N, L]: for each sentence its candidates among them, −1 being none; with L = 0 all of the vocabulary. */
  readonly places: Value;
}

export function declareShortlist(g: Graph): ShortlistInputs {
  return { columns: g.input("columns", "int64", ["C"]), places: g.input("places", "int64", ["N", "L"]) };
}

/**
 * Candidates of the rows: each chooses among a list of its own, whatever the lists of its batch mates are. A choice is a place
 * in the list; where no lists are given it is the token itself.
 */
export class Candidates {
  /** bool scalar: whether there are lists. */
  readonly given: Value;
  /** bool scalar: whether the columns are the whole vocabulary, whose matrix needs no gathering. */
  readonly whole: Value;
  /** int64 [C]: the columns that have to be gathered. */
  readonly gathered: Value;
  /** int64 [R, L] and bool [R, L]: the column of each candidate, and whether there is one. */
  private readonly column: Value;
  private readonly exists: Value;
  /** int64 [N·L + V]: the tokens of all lists, and behind them those of the vocabulary. */
  private readonly tokens: Value;
  /** int64 [N, 1]: where the list of a sentence begins. */
  private readonly first: Value;

  constructor(
    g: Graph,
    { columns, places }: ShortlistInputs,
    private readonly sizes: { readonly beam: Value; readonly sentences: Value; readonly vocabulary: number },
  ) {
    const length = g.sizeOf(places, 1);
    const count = g.sizeOf(columns, 0);
    this.whole = g.equal(count, sizes.vocabulary);
    this.gathered = g.gather(columns, g.range(g.where(this.whole, g.int(0), count), "C"));
    this.given = g.greater(length, 0);
    const exists = g.greaterOrEqual(places, 0);
    const column = g.where(exists, places, g.int(0));
    this.exists = toRows(g, exists, sizes);
    this.column = toRows(g, column, sizes);
    const listed = g.reshape(g.gather(columns, column), ["NL"]);
    this.tokens = g.concat([listed, g.range(g.int(sizes.vocabulary), sizes.vocabulary)], 0);
    this.first = g.unsqueeze(g.mul(g.range(sizes.sentences, "N"), length), 1);
  }

  /** Logits of the candidates of each row, [R, W], from those of the columns, [R, C] or, where they are whole, [R, V]. */
  logits(b: Graph, ofColumns: Value): Value {
    const listed = b.where(this.exists, b.gatherElements(ofColumns, this.column), b.float(NO_CANDIDATE));
    return { ...listed, shape: ["R", "W"] };
  }

  /** The tokens chosen by sentences, int64 [N, n]. */
  tokensOfSentences(b: Graph, choices: Value): Value {
    return b.gather(this.tokens, b.add(choices, this.first));
  }

  /** The tokens chosen by rows, int64 [R, n]. */
  tokensOfRows(b: Graph, choices: Value): Value {
    return b.gather(this.tokens, b.add(choices, toRows(b, this.first, this.sizes)));
  }

  /** The token of each choice that rows have, int64 [R, W]. */
  allTokens(b: Graph, logits: Value): Value {
    const every = b.unsqueeze(b.range(b.sizeOf(logits, 1), "W"), 0);
    return this.tokensOfRows(b, every);
  }
}

const NO_CANDIDATE = -1e30;
