import type { OnProgress, StepEvent, ValidationEvent } from "./events.js";

/** Receives text; standard error is one. */
export interface ProgressOutput {
  write(text: string): unknown;
  /** On a terminal the line of the current step is written over. */
  readonly isTTY?: boolean | undefined;
}

const STEPS_PER_LINE = 50;
const ERASE_LINE = "\r\x1b[K";

/** Shows progress as lines of text: one for the step at hand, one for every validation. */
export function progressLine(output: ProgressOutput): OnProgress {
  const rate = new TokenRate();
  const print = (line: string) => void output.write(`${output.isTTY ? ERASE_LINE : ""}${line}\n`);
  return (event) => {
    if (event.kind === "note") return print(event.message);
    if (event.kind === "validation") return print(validationLine(event));
    rate.add(event);
    if (output.isTTY) output.write(ERASE_LINE + stepLine(event, rate.perSecond));
    else if (event.step % STEPS_PER_LINE === 0) print(stepLine(event, rate.perSecond));
  };
}

function stepLine(e: StepEvent, tokensPerSecond: number | undefined): string {
  return [
    `step ${e.step}`,
    `epoch ${e.epoch}`,
    `loss ${e.loss.toFixed(3)}`,
    e.reward === undefined ? `perplexity ${e.perplexity.toFixed(2)}` : `reward ${e.reward.toFixed(2)}`,
    `rate ${e.learningRate.toPrecision(3)}`,
    ...(tokensPerSecond === undefined ? [] : [`${Math.round(tokensPerSecond)} tokens/s`]),
    `${duration(e.secondsLeft)} left`,
  ].join("  ");
}

function validationLine(e: ValidationEvent): string {
  const parts = [
    `valid ${e.step}`,
    `loss ${e.loss.toFixed(4)}`,
    `perplexity ${e.perplexity.toFixed(3)}`,
    `accuracy ${(100 * e.accuracy).toFixed(2)} %`,
  ];
  if (e.bleu !== undefined) parts.push(`BLEU ${e.bleu.toFixed(2)}`);
  return [...parts, duration(e.seconds), ...(e.isBest ? ["best"] : [])].join("  ");
}

/** Hours, minutes and seconds: 1:02:03, or 02:03. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}

interface Run {
  /** When it had ended. */
  readonly seconds: number;
  steps: number;
  tokens: number;
}

/** Target tokens a second over the last steps. */
class TokenRate {
  private runs: Run[] = [];

  add({ seconds, targetTokens }: StepEvent): void {
    const last = this.runs.at(-1);
    if (last?.seconds === seconds) {
      last.steps++;
      last.tokens += targetTokens;
      return;
    }
    const isEnough = this.runs.slice(2).reduce((sum, { steps }) => sum + steps, 0) >= STEPS_PER_LINE;
    this.runs = [...(isEnough ? this.runs.slice(1) : this.runs), { seconds, steps: 1, tokens: targetTokens }];
  }

  /** Undefined until two runs have been told of whole: how long the first took is not known. Of the last more may follow. */
  get perSecond(): number | undefined {
    const [first, ...rest] = this.runs.slice(0, -1);
    const last = rest.at(-1);
    if (!first || !last) return undefined;
    return rest.reduce((sum, { tokens }) => sum + tokens, 0) / (last.seconds - first.seconds);
  }
}
