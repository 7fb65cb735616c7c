import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DEVICES } from "@carousel/server/device";
import { InvalidArgumentError, Option } from "commander";

/** A parser of whole numbers in a range, for commander. */
export const integer =
  (min: number, max = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`a whole number ${range(min, max)} is expected`);
    }
    return value;
  };

/** A parser of numbers in a range, for commander. */
export const number =
  (min: number, max = Number.MAX_VALUE) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || Number.isNaN(value) || value < min || value > max) {
      throw new InvalidArgumentError(`a number ${range(min, max)} is expected`);
    }
    return value;
  };

function range(min: number, max: number): string {
  return max >= Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
}

/** The models that ship with the repository. */
export const shippedModels = fileURLToPath(new URL("../../models", import.meta.url));

/** A bundle's folder, from a folder or from the name of a bundle in ./models or among the shipped ones. */
export function bundleFolder(nameOrFolder: string): string {
  const candidates = [nameOrFolder, join("models", nameOrFolder), join(shippedModels, nameOrFolder)];
  return candidates.find((folder) => existsSync(join(folder, "manifest.json"))) ?? nameOrFolder;
}

/** The recipe of a shipped model. */
export function shippedRecipe(name: string): string {
  return fileURLToPath(new URL(`../../training/recipes/${name}.yaml`, import.meta.url));
}

/** A parser of whole numbers in a range between commas, for commander. */
export const integers =
  (min: number, max?: number) =>
  (text: string): number[] =>
    text.split(",").map(integer(min, max));

/** Where a model, or what is said instead, runs. */
export function deviceOption(what = "where the model runs"): Option {
  return new Option("--device <name>", what).choices(DEVICES).default("cpu");
}
