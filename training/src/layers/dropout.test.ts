import { describe, expect, it } from "vitest";
import type { Seq2SeqConfig } from "../models/seq2seq.js";
import { seq2seqTrainGraph } from "../models/train-graph.js";
import { createSession, type Feeds, float32, floats, integers, scalar } from "../onnx/runtime.js";
import { Random } from "../random.js";
import type { TrainGraph } from "../trainer/train-graph.js";
import { type DropoutSetting, dropoutRates } from "./dropout.js";

const config = (dropout: DropoutSetting): Seq2SeqConfig => ({
  sourceVocabulary: 9,
  targetVocabulary: 8,
  embedding: 4,
  encoder: { cell: "lstm", layers: 2, hidden: 3, bidirectional: true },
  decoder: { cell: "gru", layers: 2, hidden: 5 },
  attention: "additive",
  inputFeeding: true,
  dropout,
  tieEmbeddings: false,
});

const sizes = { S: 4, T: 3, B: 2 };

/** The loss of one batch; masks are `kept` everywhere, weights as initialized but for what `change` does to them. */
async function lossOf(graph: TrainGraph, { kept, change }: { kept?: number; change?: (name: string) => number }) {
  const random = new Random(1);
  const feeds: Record<string, Feeds[string]> = {
    source: integers([4, 5, 6, 7, 8, 4, 3, 3], [4, 2]),
    source_mask: float32(new Float32Array(8).fill(1), [4, 2]),
    target_in: integers([2, 2, 4, 5, 6, 7], [3, 2]),
    target_out: integers([4, 5, 6, 7, 3, 3], [3, 2]),
    target_mask: float32(new Float32Array(6).fill(1), [3, 2]),
    loss_scale: scalar(1),
  };
  for (const { name, shape, initialize } of graph.parameters) {
    const scale = change?.(name) ?? 1;
    feeds[name] = float32(
      initialize(random).map((x) => x * scale),
      shape,
    );
  }
  if (kept !== undefined) {
    for (const { input, shape } of graph.dropouts) {
      const known = shape.map((d) => (typeof d === "number" ? d : sizes[d]));
      const size = known.reduce((a, b) => a * b, 1);
      feeds[input] = float32(new Float32Array(size).fill(kept), known);
    }
  }
  const session = await createSession(kept === undefined ? graph.evaluation : graph.model, { threads: 1 });
  const { nll } = await session.run(feeds);
  await session.release();
  return floats(nll!)[0]!;
}

const shapes = (graph: TrainGraph) => Object.fromEntries(graph.dropouts.map((d) => [d.input, [d.rate, ...d.shape]]));

describe("dropout", () => {
  it("of one rate drops units wherever they pass, each step anew", () => {
    const graph = seq2seqTrainGraph(config(0.3), { smoothing: 0 });
    expect(shapes(graph)).toEqual({
      "dropout.source": [0.3, "S", "B", 4],
      "dropout.encoder.1": [0.3, "S", "B", 6],
      "dropout.memory": [0.3, "S", "B", 6],
      "dropout.target": [0.3, "T", "B", 4],
      "dropout.decoder.1": [0.3, "T", "B", 5],
      "dropout.readout": [0.3, "T", "B", 5],
    });
  });

  it("by place, with one mask a sequence, of words and of recurrent weights", () => {
    const rates = { input: 0.1, hidden: 0.2, output: 0.4, embedding: 0.5, recurrent: 0.6, mask: "sequence" } as const;
    const masks = shapes(seq2seqTrainGraph(config(rates), { smoothing: 0 }));
    expect(masks).toMatchObject({
      "dropout.source": [0.1, 1, "B", 4],
      "dropout.encoder.1": [0.2, 1, "B", 6],
      "dropout.decoder.1": [0.2, 1, "B", 5],
      "dropout.readout": [0.4, 1, "B", 5],
      "dropout.source.words": [0.5, 9, 1],
      "dropout.target.words": [0.5, 8, 1],
      "dropout.encoder.1.backward.U": [0.6, 3, 12],
      "dropout.decoder.0.U": [0.6, 5, 10],
      "dropout.decoder.0.V": [0.6, 5, 5],
    });
    expect(Object.keys(masks)).not.toContain("dropout.attention.U");
  });

  it.each(["step", "sequence"] as const)("with masks of ones is none at all (%s)", async (mask) => {
    const rates = { input: 0.1, hidden: 0.2, output: 0.4, embedding: 0.5, recurrent: 0.6, mask };
    const graph = seq2seqTrainGraph(config(rates), { smoothing: 0 });
    expect(await lossOf(graph, { kept: 1 })).toBeCloseTo(await lossOf(graph, {}), 4);
  });

  it("of recurrent weights acts on U, and on V of a GRU, alone", async () => {
    const graph = seq2seqTrainGraph(config({ recurrent: 0.5 }), { smoothing: 0 });
    const cut = await lossOf(graph, { change: (name) => (/\d(\.\w+)?\.[UV]$/.test(name) ? 0 : 1) });
    expect(await lossOf(graph, { kept: 0 })).toBeCloseTo(cut, 4);
    expect(cut).not.toBeCloseTo(await lossOf(graph, {}), 4);
  });

  it("knows what a recipe leaves out", () => {
    expect(dropoutRates({ recurrent: 0.5, hidden: undefined })).toMatchObject({ input: 0, hidden: 0, mask: "step" });
  });
});
