import type { GradientRule } from "../rule.js";

/** y = x with a constant before and after it, and cut where a pad is negative. dx undoes both: what was cut gets zero. */
export const pad: GradientRule = ({ g, inputs: [x, pads, , axes], gradients: [dy] }) =>
  g.apply("Pad", [dy, g.neg(pads!), g.float(0), axes], { mode: "constant" }, [{ dtype: "float32", shape: x!.shape }]);
