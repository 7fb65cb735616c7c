import { readFile } from "node:fs/promises";
import { faultLine, readBySchema } from "@carousel/bundle/schema/read-by-schema";
import { parse, YAMLParseError } from "yaml";
import { whyUnreadable } from "../data/text.js";
import { withOverrides } from "./overrides.js";
import { RecipeError } from "./recipe-error.js";
import { type Recipe, recipeSchema } from "./schema.js";

/**
 * Reads a recipe file.
 * @param options.set assignments that override the file, such as `training.seed=2` or `data=FOLDER`
 * @throws RecipeError naming the key that is unknown, missing or wrong
 */
export async function loadRecipe(path: string, options: { set?: readonly string[] } = {}): Promise<Recipe> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new RecipeError(`cannot read the recipe ${path}: ${whyUnreadable(error)}`);
  }
  return parseRecipe(text, { ...options, name: path });
}

/** A recipe from YAML text; `name` is what errors call it. */
export function parseRecipe(text: string, options: { set?: readonly string[]; name?: string } = {}): Recipe {
  const name = options.name ?? "recipe";
  const { data, faults } = readBySchema(recipeSchema, withOverrides(parseYaml(text, name), options.set ?? []));
  if (!faults) return data;
  throw new RecipeError(`${name}: ${faults.map(faultLine).join("; ")}`);
}

function parseYaml(text: string, name: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new RecipeError(`${name}: not valid YAML: ${reasonOf(error as Error)}`);
  }
}

function reasonOf(error: Error): string {
  if (error instanceof YAMLParseError && error.code === "MULTIPLE_DOCS")
    return "a recipe is one document, here is --- again";
  return error.message.split("\n")[0]!;
}
