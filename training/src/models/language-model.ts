import { CELLS, type VectorCellName } from "../cells/index.js";
import type { Dropout, DropoutSetting } from "../layers/dropout.js";
import { embedding } from "../layers/embedding.js";
import { type OutputProjection, outputProjection } from "../layers/projection.js";
import { recurrentStack } from "../layers/recurrent.js";
import type { Weights } from "../layers/weights.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import type { DecoderStep } from "./decoder-step.js";

/** A recurrent language model (Mikolov et al. 2010): embedding, recurrent layers, softmax. Widths in units. */
export interface LanguageModelConfig {
  readonly vocabulary: number;
  readonly embedding: number;
  readonly cell: VectorCellName;
  readonly layers: number;
  readonly hidden: number;
  readonly dropout: DropoutSetting;
  readonly tieEmbeddings: boolean;
}

function ends(w: Weights, config: LanguageModelConfig) {
  const table = embedding(w, { name: "target", vocabulary: config.vocabulary, width: config.embedding });
  const project = () =>
    outputProjection(w, {
      name: "output",
      input: config.hidden,
      vocabulary: config.vocabulary,
      ...(config.tieEmbeddings ? { tied: table.table } : {}),
    });
  return { table, project };
}

/** Names of the recurrent state by layer, as training graphs that carry it and bundles have them. */
export function stateNames({ cell, layers }: Pick<LanguageModelConfig, "cell" | "layers">): string[][] {
  return Array.from({ length: layers }, (_, k) => CELLS[cell].states.map((s) => `state.${k}.${s}`));
}

/**
 * tokens int64 [target, batch] → the readout [target, batch, hidden] that every next token is chosen by, the output layer, and the last state of every layer.
 * @param options.states first states of every layer, [batch, hidden] each; zeros when absent
 */
export function nextTokenReadouts(
  g: Graph,
  w: Weights,
  config: LanguageModelConfig,
  options: { tokens: Value; dropout: Dropout; states?: readonly (readonly Value[])[] | undefined },
): { readout: Value; output: OutputProjection; states: Value[][] } {
  const { tokens, dropout, states } = options;
  const { table, project } = ends(w, config);
  const { outputs, layers } = recurrentStack(g, dropout.apply(table.lookup(g, tokens, dropout), "target", "input"), {
    w,
    name: "decoder",
    cell: CELLS[config.cell],
    hidden: config.hidden,
    layers: config.layers,
    direction: "forward",
    dropout,
    initials: states,
  });
  return { readout: dropout.apply(outputs, "readout", "output"), output: project(), states: layers };
}

/** One step of the language model, for the search. */
export function languageModelStep(w: Weights, config: LanguageModelConfig): DecoderStep<undefined> {
  const cell = CELLS[config.cell];
  const { table, project } = ends(w, config);
  const layers = Array.from({ length: config.layers }, (_, k) =>
    cell.build(w, {
      name: `decoder.${k}.forward`,
      input: k === 0 ? config.embedding : config.hidden,
      hidden: config.hidden,
    }),
  );
  const output = project();
  const per = cell.states.length;
  return {
    memory: [],
    states: stateNames(config)
      .flat()
      .map((name) => ({ name, shape: ["R", config.hidden] as const })),
    dtype: table.table.dtype,
    vocabulary: config.vocabulary,
    prepare: () => undefined,
    step(b, { token, states }) {
      let x: Value = table.lookup(b, token); // [R, embedding]
      const next = layers.flatMap((layer, k) => {
        const stepped = layer.step(b, layer.project(b, x), states.slice(k * per, (k + 1) * per));
        x = stepped[0]!;
        return stepped;
      });
      return { logits: (body) => body.cast(output.all(body, x), "float32"), states: next };
    },
  };
}
