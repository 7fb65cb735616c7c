import type { Batch } from "../data/batch.js";
import { type BatchRows, rowsOf } from "../data/batch-rows.js";
import { EOS, SPECIAL } from "../data/special.js";
import { type WeightedRow, weightedBatch } from "../data/weighted-batch.js";
import type { Hypothesis, InferenceModel } from "../export/greedy.js";
import { Random } from "../random.js";
import type { Objective, PreparedBatch } from "../trainer/objective.js";
import { minimumRiskWeights } from "./minimum-risk.js";
import type { Reward } from "./reward.js";
import { selfCriticalWeights } from "./self-critical.js";

export interface PolicyGradientOptions {
  /** Runs the parameters that the steps move. */
  readonly model: InferenceModel;
  readonly reward: Reward;
  readonly weighting: Weighting;
  /** Sequences a sentence. */
  readonly samples: number;
  /** Of the distribution they are drawn from; at 1 it is the model's, and only then is the gradient unbiased. */
  readonly temperature: number;
  /** How much the cross-entropy of the references counts beside the rewards; 0 is not at all. */
  readonly crossEntropyWeight: number;
  readonly seed: number;
}

export type Weighting =
  | { readonly kind: "self-critical" }
  | { readonly kind: "minimum-risk"; readonly sharpness: number };

/** A sequence that the model said, and how good it is. */
interface Judged extends Hypothesis {
  readonly reward: number;
}

const STREAM = 0x5a3b;

/**
 * Fine-tuning on the metric itself: what a step trains on are sequences that the model samples, each weighted by how much
 * better it is than a baseline. The graph stays that of teacher forcing, with the samples as targets and the weights in
 * their mask. The loss is that of the sentences' sums, divided by the reference tokens as cross-entropy is; its value says
 * nothing, the reward does.
 */
export class PolicyGradient implements Objective {
  constructor(private readonly options: PolicyGradientOptions) {}

  async prepare(batch: Batch, step: number): Promise<PreparedBatch> {
    const rows = rowsOf(batch);
    const { sampled, greedy } = await this.judged(rows, step);
    const weighted = rows.sources.flatMap((source, b) =>
      this.weighted(sampled[b]!, greedy[b]).map((row) => ({ source, ...row })),
    );
    const rewards = sampled.flat().map((s) => s.reward);
    return {
      ...weightedBatch(effective([...weighted, ...this.references(rows)]), batch),
      reward: (100 * rewards.reduce((sum, r) => sum + r, 0)) / rewards.length,
    };
  }

  /** The samples of every sentence, and what the model answers greedily where that is the baseline. */
  private async judged({ sources, targets }: BatchRows, step: number) {
    const { model, seed, samples, temperature, weighting, reward } = this.options;
    const random = new Random(seed, step, STREAM);
    const greedy = weighting.kind === "self-critical" ? 1 : 0;
    const said = await model.sampled(sources, {
      special: SPECIAL,
      maxLength: longestSample(targets),
      temperatures: [...new Array<number>(greedy).fill(0), ...new Array<number>(samples).fill(temperature)],
      uniform: () => random.uniform(),
    });
    const judged = sources.map((_, b) => {
      const reference = targets[b]!.slice(0, -1);
      return said.map((d): Judged => ({ ...d[b]!, reward: reward(d[b]!.ids, reference) }));
    });
    return { sampled: judged.map((all) => all.slice(greedy)), greedy: judged.map((all) => all[0]) };
  }

  private weighted(sampled: readonly Judged[], greedy: Judged | undefined): Omit<WeightedRow, "source">[] {
    const { weighting } = this.options;
    if (weighting.kind === "self-critical") {
      const rewards = sampled.map((s) => s.reward);
      return withWeights(sampled, selfCriticalWeights(rewards, { greedy: greedy!.reward }));
    }
    const candidates = distinct(sampled);
    return withWeights(candidates, minimumRiskWeights(candidates, weighting));
  }

  private references({ sources, targets }: BatchRows): WeightedRow[] {
    const weight = this.options.crossEntropyWeight;
    return sources.map((source, b) => ({ source, target: targets[b]!, weight }));
  }

  async release(): Promise<void> {
    await this.options.model.release();
  }
}

/** Tokens: a sample may be longer than its batch's references by half, and then some. */
export function longestSample(targets: readonly (readonly number[])[]): number {
  return sampleLength(Math.max(...targets.map((t) => t.length)));
}

/** The length at which samples are cut, for references of at most so many tokens, eos included. */
export function sampleLength(longest: number): number {
  return Math.ceil(1.5 * longest) + 5;
}

function withWeights(sequences: readonly Judged[], weights: readonly number[]) {
  return sequences.map(({ ids, ended }, k) => ({ target: ended ? [...ids, EOS] : ids, weight: weights[k]! }));
}

function distinct(sequences: readonly Judged[]): Judged[] {
  return [...new Map(sequences.map((s) => [`${s.ids.join()}${s.ended ? "." : ""}`, s])).values()];
}

/** What has no weight has no gradient and needs no computation; one row stays when none has. */
function effective(rows: readonly WeightedRow[]): readonly WeightedRow[] {
  const kept = rows.filter((r) => r.weight !== 0);
  return kept.length > 0 ? kept : rows.slice(0, 1);
}
