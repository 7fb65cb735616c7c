import type { Manifest, TensorSpec } from "@carousel/bundle";
import { type Origin, originRow, rowLength, rowOf, stackRows } from "./batch-state.js";
import type { GraphSession } from "./graph-session.js";
import { History } from "./history.js";
import { lengthGroups } from "./length-groups.js";
import { Shortlist } from "./shortlist.js";
import { float32, floatsOf, integers, integersOf, type Tensor, type Tensors } from "./tensor.js";
import { TwoRooms } from "./two-rooms.js";
import { wishFeeds } from "./wish-feeds.js";

/** A score at or below this marks a slot without a hypothesis. */
export const DEAD = -1e29;
const NOTHING = -1e30;

/** The graphs of a bundle, ready to run. */
export interface LoadedModel {
  readonly manifest: Manifest;
  readonly encoder?: GraphSession;
  readonly decoder: GraphSession;
  /** The graph that takes `columns` and `places`, where the bundle has a shortlist: the one that chooses the tokens. */
  readonly shortlisted?: "encoder" | "decoder";
}

/** A sentence that joins a batch. */
export interface NewSentence {
  /** Ids with eos last; empty for a generation model. */
  readonly source: readonly number[];
  readonly beamSize: number;
  readonly minLength: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  /** Hypotheses that end the search. */
  readonly hypotheses: number;
  /** Ids that are never chosen. */
  readonly suppressed: readonly number[];
  /** 1: none. */
  readonly repetitionPenalty: number;
  /** 0: none. */
  readonly noRepeatNgram: number;
  /** Ids to choose from, ascending; all of the vocabulary when absent. */
  readonly candidates?: Int32Array;
}

/** One run of the decoder: who stays, who joins after them, and what is asked of the k steps. */
export interface AdvanceRequest {
  /** Indices into the batch as the last run left it, ascending. */
  readonly keep: readonly number[];
  readonly join: readonly NewSentence[];
  readonly steps: number;
  /** [N, k]: a token to take, −1 for free choice. */
  readonly forced: Int32Array;
  /** [N, k], in [0, 1). */
  readonly uniform: Float32Array;
  readonly attention: "wanted" | "unwanted";
}

/** What the k steps chose; N is in the order kept, then joined. */
export interface Advanced {
  readonly steps: number;
  /** N, B and S of this run. */
  readonly sentences: number;
  readonly beam: number;
  readonly source: number;
  /** [k, N, B] each. */
  readonly tokens: Int32Array;
  readonly parents: Int32Array;
  readonly scores: Float32Array;
  /** [k, N, B]: what the model itself gives each token; absent in a bundle of format 1, which knows no penalty. */
  readonly logProbabilities?: Float32Array;
  /** [k, N, B, S], when wanted and the model has it. */
  readonly attention?: Float32Array;
}

/** A sentence of the batch. */
export interface Sentence extends NewSentence {
  position: number;
  /** Slots it may still use. */
  left: number;
}

interface Member extends Origin {
  readonly sentence: Sentence;
  readonly tensors: Tensors;
}

/** Where the encoder's outputs for a sentence lie: row `index` of each; there are none where a model has no encoder. */
type Encoded = Pick<Member, "tensors" | "index">;

/**
 * The sentences that are decoded together and their tensors, [N, …] and [N·B, …]. B is no larger than the live slots
 * need, S no longer than the longest source.
 */
export class RunningBatch {
  private sentences: Sentence[] = [];
  private tensors: Tensors = {};
  private token: Int32Array = new Int32Array(0);
  private score: Float32Array = new Float32Array(0);
  private readonly history = new History();
  private readonly shortlist: Shortlist | undefined;
  /** What the decoder is fed of the shortlist while the sentences stay the same. */
  private candidates: Tensors = {};
  /** For each tensor of the memory. */
  private readonly rooms: readonly TwoRooms[];
  private beam = 1;
  private source = 1;

  constructor(private readonly model: LoadedModel) {
    const { manifest } = model;
    this.rooms = manifest.memory.map(() => new TwoRooms());
    if (model.shortlisted) this.shortlist = new Shortlist(manifest.vocabulary.target, model.shortlisted);
  }

  /** Sentences leave and join, then all advance k steps. When it throws, the batch is as it was or without some. */
  async advance(request: AdvanceRequest): Promise<Advanced> {
    const encoded = await this.encode(request.join);
    this.rearrange(request, encoded);
    const translation = this.model.manifest.task === "translation";
    const attention = request.attention === "wanted" && translation;
    const emitted = [
      "tokens",
      "parents",
      "scores",
      ...(this.takesWishes ? ["log_probs"] : []),
      ...(attention ? ["attention"] : []),
    ];
    const outputs = await this.model.decoder.run(this.feeds(request), [...emitted, ...this.carriedNames()]);
    this.carry(outputs, request.steps);
    return {
      steps: request.steps,
      sentences: this.sentences.length,
      beam: this.beam,
      source: this.source,
      tokens: integersOf(outputs.tokens),
      parents: integersOf(outputs.parents),
      scores: floatsOf(outputs.scores),
      ...(this.takesWishes ? { logProbabilities: floatsOf(outputs.log_probs) } : {}),
      ...(attention ? { attention: floatsOf(outputs.attention) } : {}),
    };
  }

  /** Whether the decoder takes what only format 2 knows. */
  private get takesWishes(): boolean {
    return this.model.manifest.formatVersion > 1;
  }

  /** Sentences of like length are encoded together: padding costs the encoder as much as tokens do. */
  private async encode(join: readonly NewSentence[]): Promise<Encoded[]> {
    const { encoder } = this.model;
    const encoded = join.map((_, index): Encoded => ({ tensors: {}, index }));
    if (!encoder) return encoded;
    for (const group of lengthGroups(join.map((s) => s.source.length))) {
      const tensors = await this.encodeTogether(
        encoder,
        group.map((n) => join[n]!),
      );
      for (const [index, n] of group.entries()) encoded[n] = { tensors, index };
    }
    return encoded;
  }

  private encodeTogether(encoder: GraphSession, sentences: readonly NewSentence[]): Promise<Tensors> {
    const { manifest, shortlisted } = this.model;
    const lengths = sentences.map(({ source }) => source.length);
    const width = Math.max(...lengths);
    const ids = new Int32Array(sentences.length * width).fill(manifest.special.pad);
    sentences.forEach(({ source }, n) => void ids.set(source, n * width));
    return encoder.run(
      {
        source: integers(ids, [sentences.length, width]),
        source_length: integers(lengths, [sentences.length]),
        ...(shortlisted === "encoder" ? this.shortlist?.feedsOf(sentences) : {}),
      },
      [...manifest.memory, ...manifest.state].map((t) => t.name),
    );
  }

  private rearrange({ keep, join }: AdvanceRequest, encoded: readonly Encoded[]): void {
    const stayed = keep.map((index) => ({
      sentence: this.sentences[index]!,
      tensors: this.tensors,
      index,
      beam: this.beam,
    }));
    const joined = join.map((s, n) => ({
      sentence: { ...s, position: 0, left: s.hypotheses },
      ...encoded[n]!,
      beam: 0,
    }));
    const members: Member[] = [...stayed, ...joined];
    const beam = Math.max(1, ...members.map((m) => this.slotsNeeded(m)));
    const longest = Math.max(1, ...members.map((m) => m.sentence.source.length));
    const source = Math.ceil(longest / SOURCE_MULTIPLE) * SOURCE_MULTIPLE;
    const same = join.length === 0 && keep.length === this.sentences.length;
    if (same && beam === this.beam && source === this.source) return;
    this.stackSearch(members, beam);
    this.history.stack(members, beam);
    const { manifest } = this.model;
    const memory = manifest.memory.map(
      (spec, k) => [spec.name, stackMemory(spec, { members, source, room: this.rooms[k]! })] as const,
    );
    const state = manifest.state.map((spec) => [spec.name, stackState(spec, members, beam)] as const);
    this.tensors = Object.fromEntries([...memory, ...state]);
    this.sentences = members.map((m) => m.sentence);
    if (this.model.shortlisted === "decoder") this.candidates = this.shortlist!.feedsOf(this.sentences);
    this.beam = beam;
    this.source = source;
  }

  /** The slots that the next step may fill, and those that are alive now: a slot before one of them may have ended. */
  private slotsNeeded({ sentence, index, beam }: Member): number {
    const most = Math.min(sentence.left, sentence.beamSize);
    let slots = beam;
    while (slots > most && this.score[index * beam + slots - 1]! <= DEAD) slots--;
    return Math.max(slots, most);
  }

  private stackSearch(members: readonly Member[], beam: number): void {
    const { bos } = this.model.manifest.special;
    const token = new Int32Array(members.length * beam).fill(bos);
    const score = new Float32Array(members.length * beam).fill(NOTHING);
    members.forEach((m, n) => {
      if (m.beam === 0) score[n * beam] = 0;
    });
    const old = members.map((m) => (m.beam === 0 ? undefined : m.index));
    this.token = stackRows(
      token,
      beam,
      old.map((n) => (n === undefined ? n : rowOf(this.token, n, this.beam))),
    );
    this.score = stackRows(
      score,
      beam,
      old.map((n) => (n === undefined ? n : rowOf(this.score, n, this.beam))),
    );
  }

  private feeds({ steps, forced, uniform }: AdvanceRequest): Tensors {
    const { sentences, beam } = this;
    const N = sentences.length;
    const perSentence = (f: (s: Sentence) => number) => integers(sentences.map(f), [N]);
    const floats = (f: (s: Sentence) => number) => float32(Float32Array.from(sentences, f), [N]);
    const { manifest } = this.model;
    return {
      ...this.tensors,
      ...(manifest.task === "translation" ? { source_length: perSentence((s) => s.source.length) } : {}),
      steps: integers([steps], []),
      token: integers(this.token, [N * beam]),
      score: float32(this.score, [N, beam]),
      position: perSentence((s) => s.position),
      beam_size: perSentence((s) => s.left),
      min_length: perSentence((s) => s.minLength),
      forced: integers(forced, [N, steps]),
      temperature: floats((s) => s.temperature),
      top_k: perSentence((s) => s.topK || manifest.vocabulary.target),
      top_p: floats((s) => s.topP),
      uniform: float32(uniform, [N, steps]),
      ...this.candidates,
      ...(this.takesWishes ? wishFeeds(sentences) : {}),
      ...(this.takesWishes ? { history: this.history.feed(sentences, { beam, steps }) } : {}),
    };
  }

  private carriedNames(): string[] {
    const state = this.model.manifest.state.map((s) => s.name);
    const history = this.takesWishes ? ["history"] : [];
    return ["token", "score", "beam_size", ...history, ...state].map((name) => `next.${name}`);
  }

  private carry(outputs: Tensors, steps: number): void {
    const left = integersOf(outputs["next.beam_size"]);
    this.sentences.forEach((s, n) => {
      s.position += steps;
      s.left = left[n]!;
    });
    this.token = integersOf(outputs["next.token"]);
    this.score = floatsOf(outputs["next.score"]);
    if (this.takesWishes) this.history.carry(outputs["next.history"]);
    const state = this.model.manifest.state.map(({ name }) => [name, outputs[`next.${name}`]!] as const);
    this.tensors = { ...this.tensors, ...Object.fromEntries(state) };
  }
}

/**
 * The memory has a multiple of so many places: ONNX Runtime sums over places four at a time and what is left over in another
 * order, so the last bit of a sum would depend on the longest source of the batch.
 */
const SOURCE_MULTIPLE = 4;

/** [N, S, …], each sentence's memory padded with zeros or cut to S. */
function stackMemory(
  spec: TensorSpec,
  { members, source, room }: { members: readonly Member[]; source: number; room: TwoRooms },
): Tensor {
  const shape = spec.shape.map((d) => (d === "sentence" ? members.length : d === "source" ? source : (d as number)));
  const length = rowLength(shape);
  const rows = members.map(({ tensors, index }) => {
    const from = tensors[spec.name]!;
    return rowOf(floatsOf(from), index, rowLength(from.shape));
  });
  const data = room.next(members.length * length);
  rows.forEach((row, n) => void data.fill(0, n * length + Math.min(length, row.length), (n + 1) * length));
  return float32(stackRows(data, length, rows), shape);
}

/** [N·B, …]; zeros for a slot that is new, and for a model without an encoder at the start. */
function stackState(spec: TensorSpec, members: readonly Member[], beam: number): Tensor {
  const shape = [members.length * beam, ...(spec.shape.slice(1) as number[])];
  const length = rowLength(shape);
  const rows = members.flatMap((member) =>
    Array.from({ length: beam }, (_, slot) => {
      const from = member.tensors[spec.name];
      const row = originRow(member, slot);
      return from && row !== undefined ? rowOf(floatsOf(from), row, length) : undefined;
    }),
  );
  return float32(stackRows(new Float32Array(members.length * beam * length), length, rows), shape);
}
