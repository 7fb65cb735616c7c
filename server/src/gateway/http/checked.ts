import type { z } from "zod";
import { CarouselError } from "../../errors.js";

/** What a caller sent, as the schema has it. @throws CarouselError INVALID_ARGUMENT naming the field and what is allowed */
export function checked<T>(schema: z.ZodType<T>, sent: unknown): T {
  const result = schema.safeParse(sent);
  if (result.success) return result.data;
  const { path, message: description } = result.error.issues[0]!;
  const place = path
    .map((key, k) => (typeof key === "number" ? `[${key}]` : `${k > 0 ? "." : ""}${String(key)}`))
    .join("");
  throw new CarouselError("INVALID_ARGUMENT", place ? `${place}: ${description}` : description, {
    violations: [{ field: place || "body", description }],
  });
}
