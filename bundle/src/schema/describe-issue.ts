import type { z } from "zod";

const SCALARS: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};
const OBJECT = "an object";
const CONTAINERS: Readonly<Record<string, string>> = { array: "a list", object: OBJECT, record: OBJECT };
/** Characters of a value that are shown of it. */
const SHOWN = 60;

/**
 * What is wrong with a value and what is allowed, to be read behind the name of its field: "is 0; it must be at least 1".
 * Of a text where a list or an object is due nothing is shown: it may be private.
 * @param whole the value that the issue's path leads into
 */
export function describeIssue(issue: z.core.$ZodRawIssue, whole: unknown): string | undefined {
  const { input } = issue;
  switch (issue.code) {
    case "invalid_type":
      return ofType(issue.expected, Number.isNaN(input) ? at(whole, issue.path) : input);
    case "invalid_value":
      return mustBe(oneOf(issue.values), input);
    case "invalid_union":
      if (issue.discriminator)
        return mustBe(oneOf((issue.options ?? []) as z.core.util.Primitive[]), at(input, [issue.discriminator]));
      return ofUnion(issue.errors, input);
    case "too_small":
      return ofSize(input, `${issue.inclusive ? "at least" : "above"} ${issue.minimum}`);
    case "too_big":
      return ofSize(input, `${issue.inclusive ? "at most" : "below"} ${issue.maximum}`);
    case "invalid_key":
      return `has a key that ${issue.issues[0]!.message}`;
    default:
      return undefined; // zod's own words
  }
}

function ofType(expected: string, value: unknown): string {
  const container = CONTAINERS[expected];
  if (container && typeof value === "string") return `is a string; it must be ${container}`;
  if (value === Infinity || value === -Infinity) return mustBe("a finite number", value);
  return mustBe(container ?? SCALARS[expected] ?? expected, value);
}

/** Of branches of which none fits: what is wrong in the one whose kind it is, or all kinds. */
function ofUnion(branches: readonly z.core.$ZodIssue[][], value: unknown): string {
  const issues = branches.map(([first]) => first!);
  const sameKind = issues.find(({ code }) => code !== "invalid_type");
  if (sameKind) return sameKind.message;
  const kinds = issues.map((issue) => ("expected" in issue ? `${issue.expected}` : ""));
  return mustBe(kinds.map((kind) => SCALARS[kind] ?? CONTAINERS[kind] ?? kind).join(" or "), value);
}

function mustBe(allowed: string, value: unknown): string {
  return `is ${value === undefined ? "missing" : shown(value)}; it must be ${allowed}`;
}

function ofSize(value: unknown, allowed: string): string {
  if (typeof value === "string") return `has ${value.length} characters; it must have ${allowed}`;
  if (Array.isArray(value)) return `has ${value.length} items; it must have ${allowed}`;
  return mustBe(allowed, value);
}

function oneOf(values: readonly z.core.util.Primitive[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(", ")}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return CONTAINERS.array!;
  if (typeof value === "object" && value !== null) return OBJECT;
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** What a path leads to; z.coerce has made NaN of it. */
function at(whole: unknown, path: readonly PropertyKey[] = []): unknown {
  return path.reduce((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], whole);
}
