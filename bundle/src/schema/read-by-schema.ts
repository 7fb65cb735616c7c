import type { z } from "zod";
import { closeName } from "./close-name.js";
import { describeIssue } from "./describe-issue.js";

/** Something in a value that its schema does not allow. */
export interface Fault {
  /** The way to it, such as terms[0].case; "" is the whole value. */
  readonly field: string;
  /** What is wrong and what is allowed, to be read behind the name of the field: "is 0; it must be at least 1". */
  readonly description: string;
}

/** A value as its schema has it, defaults and all, or what is wrong with it. */
export type Reading<T> =
  | { readonly data: T; readonly faults?: undefined }
  | { readonly data?: undefined; readonly faults: readonly [Fault, ...Fault[]] };

export function readBySchema<T>(schema: z.ZodType<T>, value: unknown): Reading<T> {
  const result = schema.safeParse(value, {
    error: (issue) => {
      if (issue.code === "unrecognized_keys") noteKnown(issue);
      return describeIssue(issue, value);
    },
  });
  if (result.success) return { data: result.data };
  return { faults: result.error.issues.flatMap((issue) => faultsOf(issue)) as [Fault, ...Fault[]] };
}

/** A fault as one line. */
export function faultLine({ field, description }: Fault): string {
  return field ? `${field}: ${description}` : `it ${description}`;
}

/** @param base the way to where the issue's own path begins */
function faultsOf(issue: z.core.$ZodIssue, base: readonly PropertyKey[] = []): Fault[] {
  const path = [...base, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const { keys, known } = issue as Unrecognized;
    return keys.map((key) => ({ field: fieldOf([...path, key]), description: ofUnknown(key, known) }));
  }
  const branch = issue.code === "invalid_union" ? issue.errors.find((issues) => issues.some(isInside)) : undefined;
  if (branch) return branch.flatMap((inner) => faultsOf(inner, path));
  return [{ field: fieldOf(path), description: issue.message }];
}

/** Whether the value is of the right kind, and something in it is wrong. */
function isInside({ code, path }: z.core.$ZodIssue): boolean {
  return path.length > 0 || code === "unrecognized_keys";
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.map((key, k) => (typeof key === "number" ? `[${key}]` : `${k > 0 ? "." : ""}${String(key)}`)).join("");
}

/** An issue with the keys that the object may have, which zod does not tell by itself. */
type Unrecognized = z.core.$ZodIssueUnrecognizedKeys & { known: readonly string[] };

function noteKnown(issue: z.core.$ZodRawIssue<z.core.$ZodIssueUnrecognizedKeys>): void {
  Object.assign(issue, { known: Object.keys((issue.inst as z.ZodObject).shape) } satisfies Partial<Unrecognized>);
}

function ofUnknown(key: string, known: readonly string[]): string {
  const meant = closeName(key, known);
  return `is not known; ${meant ? `did you mean ${meant}?` : `known are ${known.join(", ")}`}`;
}
