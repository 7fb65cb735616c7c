import type { HistoryEntry } from "../trainer/history.js";
import type { Chart, Point, Series } from "./chart.js";

/** All that can be drawn of a training's course, by step. */
export interface Charts {
  readonly loss: Chart;
  readonly perplexity: Chart;
  /** Absent when nothing was translated. */
  readonly bleu: Chart | undefined;
  /** Absent when training was not on a metric. */
  readonly reward: Chart | undefined;
  readonly accuracy: Chart;
  readonly learningRate: Chart;
  readonly gradientNorm: Chart;
}

/** @param options.accuracy what it counts */
export function chartsOf(
  history: readonly HistoryEntry[],
  { accuracy: counted = "next token right" }: { accuracy?: string } = {},
): Charts {
  const train = history.filter((e) => e.kind === "train");
  const valid = history.filter((e) => e.kind === "validation");
  const translated = valid.filter((v) => v.bleu !== undefined);
  const marked = valid.findLast((v) => v.isBest)?.step;
  const both = (of: (e: HistoryEntry) => number): Series[] => [
    { label: "training", tone: "training", points: byStep(train, of) },
    { label: "validation", tone: "validation", points: byStep(valid, of) },
  ];
  const falling = { shape: "falls", marked } as const;
  const fromZero = { shape: "fromZero", scale: "linear", marked } as const;
  const bleu = byStep(translated, (v) => v.bleu!);
  const rewarded = train.filter(isRewarded);
  const reward = byStep(rewarded, (e) => e.reward);
  const accuracy = byStep(valid, (v) => 100 * v.accuracy);
  const learningRate = byStep(train, (e) => e.learningRate);
  const gradientNorm = byStep(train, (e) => e.gradientNorm);
  return {
    // the loss of a training on a metric says nothing
    loss: {
      title: "Loss, nats a token",
      series: both((e) => (isRewarded(e) ? Number.NaN : e.loss)),
      scale: "linear",
      ...falling,
    },
    perplexity: { title: "Perplexity", series: both((e) => e.perplexity), scale: "logarithmic", ...falling },
    bleu:
      bleu.length > 0
        ? { title: "BLEU", series: [{ label: "validation, greedy", tone: "quality", points: bleu }], ...fromZero }
        : undefined,
    reward:
      reward.length > 0
        ? {
            title: "Reward: metric of sampled sentences",
            series: [{ label: "training, sampled", tone: "training", points: reward }],
            ...fromZero,
          }
        : undefined,
    accuracy: {
      title: `${capitalized(counted)}, %`,
      series: [{ label: "validation", tone: "quality", points: accuracy }],
      ...fromZero,
    },
    learningRate: {
      title: "Learning rate",
      series: [{ label: "of the step", tone: "setting", points: learningRate }],
      ...fromZero,
    },
    gradientNorm: {
      title: "Norm of the gradients",
      series: [{ label: "before clipping", tone: "setting", points: gradientNorm }],
      ...fromZero,
    },
  };
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function isRewarded<E extends HistoryEntry>(entry: E): entry is E & { readonly reward: number } {
  return entry.kind === "train" && entry.reward !== undefined;
}

function byStep<E extends HistoryEntry>(entries: readonly E[], of: (e: E) => number): Point[] {
  // a perplexity too large for a float is written as null
  return thinned(entries.map((e) => ({ x: e.step, y: of(e) })).filter((p) => Number.isFinite(p.y)));
}

/** More than there are pixels to tell them apart. */
const MOST_POINTS = 500;

/** Means of neighbours, when there are more points than can be seen. */
function thinned(points: readonly Point[]): Point[] {
  const group = Math.ceil(points.length / MOST_POINTS);
  if (group <= 1) return [...points];
  return Array.from({ length: Math.ceil(points.length / group) }, (_, k) => {
    const near = points.slice(k * group, (k + 1) * group);
    return { x: near.at(-1)!.x, y: near.reduce((sum, p) => sum + p.y, 0) / near.length };
  });
}
