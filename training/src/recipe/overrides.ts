import { parse } from "yaml";
import { RecipeError } from "./recipe-error.js";

type Node = Record<string, unknown>;

/**
 * A copy of a recipe document with `key=value` assignments applied; a key is a path such as `training.seed`, a value is
 * YAML. `data=FOLDER` is short for `data.folder=FOLDER`.
 */
export function withOverrides(document: unknown, assignments: readonly string[]): unknown {
  const copy: unknown = structuredClone(document);
  for (const assignment of assignments) assign(copy, assignment);
  return copy;
}

function assign(document: unknown, assignment: string): void {
  const at = assignment.indexOf("=");
  if (at < 1) throw new RecipeError(`--set ${assignment}: expected key=value, such as training.seed=2`);
  const key = assignment.slice(0, at);
  const path = (key === "data" ? "data.folder" : key).split(".");
  const last = path.pop()!;
  let node = document;
  for (const [depth, part] of path.entries())
    node = descend(node, part, { assignment, path: path.slice(0, depth + 1) });
  if (!isNode(node)) throw new RecipeError(`--set ${assignment}: ${path.join(".")} has no keys inside`);
  put(node, last, key === "data" ? assignment.slice(at + 1) : parseValue(assignment, assignment.slice(at + 1)));
}

function descend(node: unknown, part: string, context: { assignment: string; path: string[] }): unknown {
  if (!isNode(node)) {
    throw new RecipeError(`--set ${context.assignment}: ${context.path.slice(0, -1).join(".")} has no keys inside`);
  }
  // of its own, not what every object has
  if (!Object.hasOwn(node, part) || node[part] === null) put(node, part, {});
  return node[part];
}

/** Also a key such as __proto__ is one like any other: the schema does not know it. */
function put(node: Node, key: string, value: unknown): void {
  Object.defineProperty(node, key, { value, enumerable: true, configurable: true, writable: true });
}

function parseValue(assignment: string, text: string): unknown {
  try {
    return parse(text);
  } catch {
    throw new RecipeError(`--set ${assignment}: the value is not valid YAML`);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
