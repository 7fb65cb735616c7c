import { accessSync, constants, mkdirSync } from "node:fs";
import { parseArgs } from "node:util";

/** The command line of an experiment was wrong; the message says what is allowed. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

/** Not an error: the command line asks what it may say. */
export class HelpAsked extends Error {
  override readonly name = "HelpAsked";
}

/** `--key value` pairs of a command line; all keys must be known. */
export class Options {
  private readonly values: Readonly<Record<string, string | undefined>>;

  /** @throws OptionError when a key is unknown, or has no value; HelpAsked when it is --help */
  constructor(args: readonly string[], keys: readonly string[]) {
    if (args.includes("--help")) throw new HelpAsked(keys.map((key) => `[--${key} …]`).join(" "));
    const options = Object.fromEntries(keys.map((key) => [key, { type: "string" as const }]));
    try {
      this.values = parseArgs({ args: withNegatives(args), options, strict: true }).values as Record<
        string,
        string | undefined
      >;
    } catch (error) {
      const allowed = keys.map((key) => `--${key}`).join(", ");
      throw new OptionError(`${(error as Error).message}; allowed are ${allowed}`);
    }
  }

  text(key: string, otherwise: string): string {
    return this.values[key] ?? otherwise;
  }

  /** A folder, made if it is not there. @throws OptionError when nothing can be written there: now, and not after the work */
  folder(key: string, otherwise: string): string {
    const path = this.text(key, otherwise);
    try {
      mkdirSync(path, { recursive: true });
      accessSync(path, constants.W_OK);
    } catch (error) {
      throw new OptionError(`--${key} ${path}: cannot be written to: ${(error as NodeJS.ErrnoException).code}`);
    }
    return path;
  }

  required(key: string, meaning: string): string {
    const value = this.values[key];
    if (value === undefined) throw new OptionError(`--${key} is required: ${meaning}`);
    return value;
  }

  /** An integer of at least `least`, 1 when absent. */
  count(key: string, otherwise: number, least = 1): number {
    const value = this.number(key, otherwise);
    if (Number.isInteger(value) && value >= least) return value;
    throw new OptionError(`--${key} must be an integer of at least ${least}, not ${this.values[key]}`);
  }

  positive(key: string, otherwise: number): number {
    const value = this.number(key, otherwise);
    if (value > 0 && Number.isFinite(value)) return value;
    throw new OptionError(`--${key} must be a number above 0, not ${this.values[key]}`);
  }

  /** Some of the allowed names, separated by commas; all of them when absent. */
  names(key: string, allowed: readonly string[]): string[] {
    const chosen = this.values[key]?.split(",") ?? [...allowed];
    for (const name of chosen) {
      if (!allowed.includes(name)) throw new OptionError(`--${key} ${name}: must be one of ${allowed.join(", ")}`);
    }
    return chosen;
  }

  private number(key: string, otherwise: number): number {
    const value = this.values[key];
    return value === undefined ? otherwise : Number(value.trim() === "" ? Number.NaN : value);
  }
}

/** A number below 0 is a value, and not the next key. */
function withNegatives(args: readonly string[]): string[] {
  const all: string[] = [];
  for (const arg of args) {
    const isValue = /^-[\d.]/.test(arg) && /^--[^=]+$/.test(all.at(-1) ?? "");
    all.push(isValue ? `${all.pop()}=${arg}` : arg);
  }
  return all;
}
