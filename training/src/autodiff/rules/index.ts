import type { GradientRule } from "../rule.js";
import { add } from "./add.js";
import { concat } from "./concat.js";
import { div } from "./div.js";
import { exp } from "./exp.js";
import { expand } from "./expand.js";
import { gather } from "./gather.js";
import { gatherElements } from "./gather-elements.js";
import { identity } from "./identity.js";
import { log } from "./log.js";
import { logSumExp } from "./log-sum-exp.js";
import { matmul } from "./matmul.js";
import { mul } from "./mul.js";
import { neg } from "./neg.js";
import { pad } from "./pad.js";
import { reduceMean } from "./reduce-mean.js";
import { reduceSum } from "./reduce-sum.js";
import { reshape } from "./reshape.js";
import { scan } from "./scan.js";
import { sigmoid } from "./sigmoid.js";
import { softmax } from "./softmax.js";
import { split } from "./split.js";
import { sub } from "./sub.js";
import { tanh } from "./tanh.js";
import { transpose } from "./transpose.js";
import { where } from "./where.js";

export const RULES: Readonly<Record<string, GradientRule>> = {
  Add: add,
  Concat: concat,
  Div: div,
  Exp: exp,
  Expand: expand,
  Gather: gather,
  GatherElements: gatherElements,
  Identity: identity,
  Log: log,
  MatMul: matmul,
  Mul: mul,
  Neg: neg,
  Pad: pad,
  ReduceLogSumExp: logSumExp,
  ReduceMean: reduceMean,
  ReduceSum: reduceSum,
  Reshape: reshape,
  Scan: scan,
  Sigmoid: sigmoid,
  Softmax: softmax,
  Split: split,
  Squeeze: reshape,
  Sub: sub,
  Tanh: tanh,
  Transpose: transpose,
  Unsqueeze: reshape,
  Where: where,
};

/** Operators whose result does not vary smoothly with their input: nothing flows back through them. */
export const WITHOUT_GRADIENT: ReadonlySet<string> = new Set([
  "And",
  "ArgMax",
  "ConstantOfShape",
  "Equal",
  "Greater",
  "GreaterOrEqual",
  "Less",
  "Not",
  "Or",
  "Range",
  "Shape",
]);
