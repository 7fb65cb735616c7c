import type { OutputProjection } from "../layers/projection.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/** A probability that vanishes in float32 counts as this one: 83 nats. */
const TINY = 1e-36;

export interface CrossEntropy {
  /** float32 scalar: Σ of the smoothed loss over target tokens. */
  readonly loss: Value;
  /** float32 scalar: Σ of −ln p(token) over target tokens, in nats. */
  readonly nll: Value;
  /** [time, batch, V] */
  readonly logits: Value;
  /** ∂(scale · loss) for a float32 scalar: of the readout and of the output layer's weights. */
  gradients(scale: Value): Map<Value, Value>;
}

/**
 * Cross-entropy of the next token with label smoothing (Szegedy et al. 2016): the target has probability 1 − ε, and ε is
 * spread evenly over the vocabulary. ∂loss/∂logits is mask · (softmax − target), and the gradients of the output layer are written down here with
 * it: of the target's ε and of the mask they need sums over the weights and the readouts alone, and not a pass over the logits, the largest
 * tensor there is. Rule by rule there would be eight more.
 * @param readout [time, batch, input] of the output layer
 * @param targets int64 [time, batch]
 * @param mask float32 [time, batch], 0 at padding
 */
export function crossEntropy(
  g: Graph,
  options: { readout: Value; output: OutputProjection; targets: Value; mask: Value; smoothing: number },
): CrossEntropy {
  const { readout, output, targets, mask, smoothing } = options;
  const { matrix, bias, tokens } = output;
  const even = smoothing / (bias.shape[0] as number);
  const logits = output.all(g, readout);
  const index = g.unsqueeze(targets, 2);
  const p = g.softmax(logits);
  const chosen = (x: Value) => g.squeeze(g.gatherElements(x, index), 2); // [time, batch]
  const surprise = g.neg(g.log(g.add(chosen(p), TINY)));
  const nll = g.sumAll(g.mul(surprise, mask));
  const sumOfTokens = smoothing === 0 ? undefined : g.sum(matrix, [tokens]); // [input]

  const gradients = (scale: Value): Map<Value, Value> => {
    const weight = g.unsqueeze(g.mul(mask, scale), 2); // [time, batch, 1]
    const weights = g.flatten(weight);
    const readouts = g.flatten(g.mul(readout, weight)); // [time · batch, input]
    // made of what reads the softmax, so that it is read by then and may be overwritten
    const target = g.unsqueeze(g.add(g.mul(surprise, 0), smoothing - 1), 2);
    const change = g.flatten(g.scatterElements(p, index, target, "add")); // softmax − target [time · batch, V] but for ε
    const less = (gradient: Value, sum: () => Value) => (sumOfTokens ? g.sub(gradient, g.mul(sum(), even)) : gradient);
    const byColumns = g.gemm(g.transpose(readouts, [1, 0]), change); // [input, V]
    const [ofReadouts, ofMatrix] =
      tokens === 0
        ? [g.gemm(change, matrix), g.transpose(byColumns, [1, 0])]
        : [g.gemm(change, matrix, { transposed: "b" }), byColumns];
    const ofBias = g.squeeze(g.matmul(g.reshape(weights, [1, weights.shape[0]!]), change), 0);
    const unweighted = less(ofReadouts, () => sumOfTokens!);
    return new Map([
      [readout, g.mul(g.reshapeLike(unweighted, readout), weight)],
      [matrix, less(ofMatrix, () => g.unsqueeze(g.sum(readouts, [0]), tokens))],
      [bias, less(ofBias, () => g.sumAll(weights))],
    ]);
  };
  if (!sumOfTokens) return { loss: nll, nll, logits, gradients };
  const normalizer = g.add(chosen(logits), surprise); // ln Σ eˣ
  const sumOfLogits = g.add(g.squeeze(g.matmul(readout, g.unsqueeze(sumOfTokens, 1)), 2), g.sumAll(bias));
  const uniform = g.sub(g.mul(normalizer, smoothing), g.mul(sumOfLogits, even));
  return { loss: g.add(g.mul(nll, 1 - smoothing), g.sumAll(g.mul(uniform, mask))), nll, logits, gradients };
}
