import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { closeName } from "@carousel/bundle/schema/close-name";
import { DEVICES } from "@carousel/server/device";
import { InvalidArgumentError, Option } from "commander";
import { InputError } from "./input-error.js";

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

/**
 * A bundle's folder, from a folder or from the name of a bundle in ./models or among the shipped ones.
 * @throws InputError naming what there is; what is wrong with a folder that is there says who reads it
 */
export function bundleFolder(nameOrFolder: string): string {
  const candidates = [nameOrFolder, join("models", nameOrFolder), join(shippedModels, nameOrFolder)];
  const found = candidates.find((folder) => existsSync(join(folder, "manifest.json")));
  if (found !== undefined || existsSync(nameOrFolder)) return found ?? nameOrFolder;
  const names = [...new Set(["models", shippedModels].flatMap(bundlesIn))].sort();
  const meant = closeName(nameOrFolder, names);
  const there = meant ? `did you mean ${meant}?` : `there are ${names.join(", ") || "none"}; or give a folder`;
  throw new InputError(`there is no model bundle ${nameOrFolder}; ${there}`);
}

/** Names of the bundles in a folder and one below it. */
function bundlesIn(folder: string): string[] {
  const entries = [".", ...subfolders(folder)];
  return entries
    .flatMap((parent) => subfolders(join(folder, parent)).map((name) => join(parent, name)))
    .filter((name) => existsSync(join(folder, name, "manifest.json")));
}

function subfolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
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
