import { readFile } from "node:fs/promises";
import { parse, YAMLParseError } from "yaml";
import type { z } from "zod";
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
    throw new RecipeError(`cannot read the recipe ${path}: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
  return parseRecipe(text, { ...options, name: path });
}

/** A recipe from YAML text; `name` is what errors call it. */
export function parseRecipe(text: string, options: { set?: readonly string[]; name?: string } = {}): Recipe {
  const name = options.name ?? "recipe";
  const result = recipeSchema.safeParse(withOverrides(parseYaml(text, name), options.set ?? []));
  if (result.success) return result.data;
  throw new RecipeError(`${name}: ${result.error.issues.map(describeIssue).join("; ")}`);
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

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return `unknown key ${issue.keys.map((key) => [...issue.path, key].join(".")).join(", ")}`;
  }
  if (issue.code === "invalid_union" && issue.discriminator) {
    const discriminator = issue.discriminator;
    const at = path.endsWith(discriminator) ? path : [...issue.path, discriminator].join(".");
    return `${at}: ${issue.message}`;
  }
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined")) {
    return `${path}: is missing, expected ${issue.expected}`;
  }
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}
