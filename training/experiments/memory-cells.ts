import type { Cell } from "@carousel/training/cells/cell";
import { VECTOR_CELLS } from "@carousel/training/cells/index";
import type { Initialize } from "@carousel/training/layers/initializers";

/** Cells whose memory is compared, for sequences as long as the lag. */
export function memoryCells(lag: number): Readonly<Record<string, Cell>> {
  const { rnn, lstm, gru } = VECTOR_CELLS;
  return { rnn, "lstm-1997": VECTOR_CELLS["lstm-1997"], lstm, gru, "lstm-chrono": chrono(lstm, lag) };
}

/**
 * The LSTM with first biases for lags up to T (Tallec & Ollivier 2018): forget gates ln u, u ~ U(1, T − 1), so that the
 * units' times to forget are spread over 1 … T, and input gates the negative of that.
 */
function chrono(lstm: Cell, lag: number): Cell {
  return {
    ...lstm,
    build(w, sizes) {
      const biases = chronoBiases(sizes.hidden, lag);
      return lstm.build(
        { get: (name, shape, first) => w.get(name, shape, name.endsWith(".b") ? biases : first) },
        sizes,
      );
    },
  };
}

/** Gates in the order i, f, o, g. */
function chronoBiases(hidden: number, lag: number): Initialize {
  return (random) => {
    const forget = Float32Array.from({ length: hidden }, () => Math.log(1 + random.uniform() * (lag - 2)));
    const biases = new Float32Array(4 * hidden);
    biases.set(
      forget.map((b) => -b),
      0,
    );
    biases.set(forget, hidden);
    return biases;
  };
}
