import { branch } from "../onnx/control-flow.js";
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

  /** As given: columns [C], the column of each candidate [N, L], and whether there is one. */
  private readonly perSentence: { readonly columns: Value; readonly column: Value; readonly exists: Value };

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
    this.perSentence = { columns, column, exists };
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

  /** Where each token stands in the lists of the sentences, int64 [N, V], −1 being nowhere; for `placesOf`. */
  standings(g: Graph): Value {
    const { columns, column, exists } = this.perSentence;
    const V = this.sizes.vocabulary;
    return branch(g, this.given, {
      yes(yes) {
        const nowhere = yes.expand(yes.int(-1), yes.sizes([yes.sizeOf(column, 0), V]), ["N", "T"]);
        const place = yes.unsqueeze(yes.range(yes.sizeOf(column, 1), "L"), 0);
        const tokens = yes.gather(columns, column);
        return [yes.scatterElements(nowhere, tokens, yes.where(exists, place, yes.int(-1)), "max")];
      },
      no: (no) => [no.expand(no.int(-1), no.sizes([no.sizeOf(column, 0), 1]), ["N", "T"])],
    })[0]!;
  }

  /** Where tokens of rows stand in their lists, int64 [R, n] → [R, n]; −1 is none and nowhere. */
  placesOf(b: Graph, tokens: Value, standings: Value): Value {
    return branch(b, this.given, {
      yes: (yes) => {
        const listed = yes.greaterOrEqual(tokens, 0);
        const ids = yes.where(listed, tokens, yes.int(0));
        const perSentence = yes.reshapeTo(ids, [this.sizes.sentences, -1], ["N", "n"]);
        const places = yes.reshapeLike(yes.gatherElements(standings, perSentence), tokens);
        return [yes.where(listed, places, yes.int(-1))];
      },
      no: (no) => [no.identity(tokens)],
    })[0]!;
  }
}

const NO_CANDIDATE = -1e30;
