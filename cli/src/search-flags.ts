import type { Command } from "commander";
import { integer, number } from "./options.js";

/** What the flags of `searchFlags` set. */
export interface SearchFlags {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly lengthPenalty?: number;
  readonly coveragePenalty?: number;
  readonly patience?: number;
  /** Commander sets it to false by --no-shortlist. */
  readonly shortlist: boolean;
  readonly allowLoops?: true;
}

/** What the flags of `samplingFlags` set. */
export interface SamplingFlags {
  readonly topK: number;
  readonly topP: number;
  readonly seed?: number;
  readonly suppress: readonly string[];
  readonly repetitionPenalty?: number;
  readonly blockNgramRepeat?: number;
}

/** Flags of a beam search. */
export function searchFlags(command: Command): Command {
  return command
    .option("--min-length <n>", "fewest tokens a sentence", integer(0, 4096))
    .option("--max-length <n>", "most tokens a sentence", integer(1, 4096))
    .option("--length-penalty <a>", "GNMT's alpha (default: the bundle's own, or 1)", number(0, 10))
    .option("--coverage-penalty <b>", "GNMT's beta", number(0, 10))
    .option("--patience <p>", "search until p times as many hypotheses as the beam have ended", number(1, 4))
    .option("--no-shortlist", "choose from the whole vocabulary, not from what the source's tokens become")
    .option("--allow-loops", "what repeats itself is not taken for a loop and decoded again");
}

/** Flags of sampling and against repetition. */
export function samplingFlags(command: Command): Command {
  return command
    .option("--top-k <k>", "draw from the k likeliest; 0: from all", integer(0, 1_000_000), 0)
    .option("--top-p <p>", "draw from the likeliest whose mass is p", number(0, 1), 1)
    .option("--seed <n>", "the same seed draws the same", integer(0, 2 ** 32 - 1))
    .option("--suppress <token>", "a token that is never chosen; may be given again", collected, [])
    .option("--repetition-penalty <t>", "multiplies the log-probability of tokens chosen before", number(0, 10))
    .option("--block-ngram-repeat <n>", "no n tokens come twice in the same order", integer(0, 16));
}

/** All values of a flag that may be given more than once. */
export function collected(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}
