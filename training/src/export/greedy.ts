import {
  createSession,
  type Feeds,
  float32,
  floats,
  int64s,
  integers,
  type Session,
  type SessionOptions,
  type Tensor,
} from "../onnx/runtime.js";
import type { InferenceGraphs } from "./graphs.js";

export interface InferenceOptions extends Pick<SessionOptions, "optimization"> {
  readonly threads?: number;
  /** Where the graphs are fed their weights: all of them, read anew by every run. */
  readonly weights?: Feeds;
}

/** The inference graphs of a translation model, ready to run in this process; for validation and for the parity check. */
export class InferenceModel {
  static async create(graphs: InferenceGraphs, options: InferenceOptions): Promise<InferenceModel> {
    const encoder = graphs.encoder ? await createSession(graphs.encoder, options) : undefined;
    return new InferenceModel(graphs, encoder, await createSession(graphs.decoder, options), options.weights ?? {});
  }

  private constructor(
    private readonly graphs: InferenceGraphs,
    private readonly encoder: Session | undefined,
    private readonly decoder: Session,
    private readonly weights: Feeds,
  ) {}

  /** Greedy translations: ids without bos and eos, at most `maxLength` of them, for source ids that end with eos. */
  async greedy(sources: readonly (readonly number[])[], options: GreedyOptions): Promise<number[][]> {
    return (await this.attended(sources, options)).map((h) => h.ids);
  }

  /** Greedy translations with what every token of them attended to; the rows end where their source does. */
  async attended(sources: readonly (readonly number[])[], options: GreedyOptions): Promise<Hypothesis[]> {
    const feeds = await this.start(sources, options.special.bos);
    const hypotheses = await this.search(feeds, { ...options, rows: sources.length, uniform: () => 0 });
    return hypotheses.map(({ attention, ...rest }, n) => ({
      ...rest,
      attention: attention.map((row) => row.subarray(0, sources[n]!.length)),
    }));
  }

  /** Texts that a language model draws token by token from softmax(logits / temperature). */
  async draw(count: number, options: DrawOptions): Promise<number[][]> {
    const feeds = {
      ...(await this.start([], options.special.bos, count)),
      temperature: float32(new Float32Array(count).fill(options.temperature), [count]),
      top_k: integers(new Array<number>(count).fill(ALL), [count]),
    };
    const hypotheses = await this.search(feeds, { ...options, rows: count });
    return hypotheses.map((h) => h.ids);
  }

  /**
   * For each temperature a sequence for every source, [temperature][source]: drawn token by token from softmax(logits /
   * temperature), or greedy where the temperature is 0. The sources are encoded once.
   */
  async sampled(sources: readonly (readonly number[])[], options: SampledOptions): Promise<Hypothesis[][]> {
    const rows = sources.length;
    const start = await this.start(sources, options.special.bos);
    const top_k = integers(new Array<number>(rows).fill(ALL), [rows]);
    const drawn: Hypothesis[][] = [];
    for (const degree of options.temperatures) {
      const temperature = float32(new Float32Array(rows).fill(degree), [rows]);
      drawn.push(await this.search({ ...start, temperature, top_k }, { ...options, rows }));
    }
    return drawn;
  }

  private async search(first: Record<string, Tensor>, options: SearchOptions): Promise<Hypothesis[]> {
    const { rows, special, maxLength, uniform, steps = 16 } = options;
    let feeds = first;
    const found = Array.from({ length: rows }, () => new Growing(special.eos));
    for (let position = 0; position < maxLength && !found.every((h) => h.ended); position += steps) {
      const drawn = float32(Float32Array.from({ length: rows * steps }, uniform), [rows, steps]);
      const outputs = await this.run(this.decoder, { ...feeds, ...free(rows, steps), uniform: drawn });
      const tokens = int64s(outputs.tokens!); // [k, N, 1]
      const scores = floats(outputs.scores!); // [k, N, 1]
      const { attention } = outputs; // [k, N, 1, S]
      for (let at = 0; at < rows * steps; at++) {
        const weights = attention && floats(attention).subarray(...rowOf(attention, at));
        found[at % rows]!.add({ token: Number(tokens[at]), score: scores[at]!, attention: weights });
      }
      feeds = { ...feeds, ...this.next(outputs) };
    }
    return found.map((h) => h.cutTo(maxLength));
  }

  /** Σ ln p of each target, which ends with eos, by forcing its tokens on the decoder. */
  async score(sources: readonly (readonly number[])[], targets: readonly (readonly number[])[], bos: number) {
    const steps = Math.max(...targets.map((t) => t.length));
    const feeds = await this.start(sources, bos, targets.length);
    const forced = targets.flatMap((t) => [...t, ...new Array<number>(steps - t.length).fill(-1)]);
    const count = targets.length;
    const outputs = await this.run(this.decoder, {
      ...feeds,
      ...free(count, steps),
      forced: integers(forced, [count, steps]),
    });
    const scores = outputs.scores!.data as Float32Array; // [k, N, 1]
    return targets.map((t, n) => scores[(t.length - 1) * count + n]!);
  }

  /** The first feeds of the decoder, one slot a sentence. A language model starts from zeros. */
  private async start(sources: readonly (readonly number[])[], bos: number, rows = sources.length) {
    const state = this.encoder ? await this.encode(this.encoder, sources) : this.zeros(rows);
    return {
      ...state,
      token: integers(new Array<number>(rows).fill(bos), [rows]),
      score: float32(new Float32Array(rows), [rows, 1]),
      position: integers(new Array<number>(rows).fill(0), [rows]),
      beam_size: integers(new Array<number>(rows).fill(1), [rows]),
      min_length: integers(new Array<number>(rows).fill(0), [rows]),
      temperature: float32(new Float32Array(rows), [rows]),
      top_k: integers(new Array<number>(rows).fill(1), [rows]),
      top_p: float32(new Float32Array(rows).fill(1), [rows]),
      ...(this.decoder.inputNames.includes("slots") ? noWishes(rows) : {}),
      ...noCandidates(this.decoder, rows),
    } as Record<string, Tensor>;
  }

  private async encode(encoder: Session, sources: readonly (readonly number[])[]): Promise<Record<string, Tensor>> {
    const longest = Math.max(...sources.map((s) => s.length));
    const padded = sources.flatMap((s) => [...s, ...new Array<number>(longest - s.length).fill(0)]);
    const length = integers(
      sources.map((s) => s.length),
      [sources.length],
    );
    const encoded = await this.run(encoder, {
      source: integers(padded, [sources.length, longest]),
      source_length: length,
      ...noCandidates(encoder, sources.length),
    });
    return { ...encoded, source_length: length };
  }

  private run(session: Session, feeds: Feeds): Promise<Record<string, Tensor>> {
    const weights = session.inputNames.flatMap((name) => (name in this.weights ? [[name, this.weights[name]!]] : []));
    return session.run({ ...feeds, ...Object.fromEntries(weights) });
  }

  private zeros(rows: number): Record<string, Tensor> {
    return Object.fromEntries(
      this.graphs.state.map(({ name, shape }) => {
        const sizes = shape.map((d) => (typeof d === "number" ? d : rows));
        return [name, float32(new Float32Array(sizes.reduce((a, b) => a * b, 1)), sizes)];
      }),
    );
  }

  private next(outputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
    return Object.fromEntries(
      Object.entries(outputs).flatMap(([name, value]) => (name.startsWith("next.") ? [[name.slice(5), value]] : [])),
    );
  }

  async release(): Promise<void> {
    await this.encoder?.release();
    await this.decoder.release();
  }
}

export interface GreedyOptions {
  readonly special: { readonly bos: number; readonly eos: number };
  /** Tokens. */
  readonly maxLength: number;
  /** Steps of one run of the decoder. */
  readonly steps?: number;
}

export interface DrawOptions extends GreedyOptions {
  readonly temperature: number;
  /** Numbers in [0, 1), one a token. */
  readonly uniform: () => number;
}

export interface SampledOptions extends GreedyOptions {
  /** One for each sequence of a source; 0 is greedy. */
  readonly temperatures: readonly number[];
  /** Numbers in [0, 1), one a token. */
  readonly uniform: () => number;
}

interface SearchOptions extends GreedyOptions {
  readonly rows: number;
  readonly uniform: () => number;
}

export interface Hypothesis {
  /** Without bos and eos. */
  readonly ids: number[];
  /** Whether eos came within the length that was asked for. */
  readonly ended: boolean;
  /** Σ ln p of the ids, and of eos when it ended. */
  readonly logProbability: number;
  /** For each id, and for the eos if it came: weights [source]. Empty when the model does not attend. */
  readonly attention: Float32Array[];
}

/** More than any vocabulary has. */
const ALL = 2 ** 31 - 1;

interface Chosen {
  readonly token: number;
  /** Σ ln p up to it. */
  readonly score: number;
  readonly attention: Float32Array | undefined;
}

/** A hypothesis until its eos. */
class Growing {
  ended = false;
  private readonly ids: number[] = [];
  private readonly scores: number[] = [];
  private readonly attention: Float32Array[] = [];

  constructor(private readonly eos: number) {}

  add({ token, score, attention }: Chosen): void {
    if (this.ended) return;
    if (attention) this.attention.push(attention);
    this.scores.push(score);
    if (token === this.eos) this.ended = true;
    else this.ids.push(token);
  }

  cutTo(length: number): Hypothesis {
    const ended = this.ended && this.ids.length < length;
    return {
      ids: this.ids.slice(0, length),
      ended,
      logProbability: this.scores[ended ? this.ids.length : length - 1]!,
      attention: this.attention.slice(0, length),
    };
  }
}

/** Where row `index` of a tensor [..., width] begins and ends. */
function rowOf({ dims }: Tensor, index: number): [begin: number, end: number] {
  const width = dims.at(-1)!;
  return [index * width, (index + 1) * width];
}

/** For a decoder that can do all that a request may ask: nothing of it. */
function noWishes(rows: number): Record<string, Tensor> {
  return {
    slots: integers(new Array<number>(rows).fill(1), [rows]),
    suppressed: integers([], [rows, 0]),
    repetition_penalty: float32(new Float32Array(rows).fill(1), [rows]),
    no_repeat_ngram: integers(new Array<number>(rows).fill(0), [rows]),
    history: integers([], [rows, 0]),
  };
}

/** For a graph that can be held to a shortlist: it is not. */
function noCandidates({ inputNames }: Session, rows: number): Record<string, Tensor> {
  if (!inputNames.includes("places")) return {};
  return { columns: integers([], [0]), places: integers([], [rows, 0]) };
}

function free(rows: number, steps: number): Record<string, Tensor> {
  return {
    steps: integers([steps], []),
    forced: integers(new Array<number>(rows * steps).fill(-1), [rows, steps]),
    uniform: float32(new Float32Array(rows * steps), [rows, steps]),
  };
}
