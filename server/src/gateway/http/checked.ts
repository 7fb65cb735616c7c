import { readBySchema } from "@carousel/bundle/schema/read-by-schema";
import type { z } from "zod";
import { CarouselError } from "../../errors.js";

/** Of what a caller sent as JSON or in the query, whose fields it calls as the caller did, those that nobody knows included. */
export class NotAsSchema extends CarouselError {}

/** What a caller sent, as the schema has it. @throws NotAsSchema INVALID_ARGUMENT naming the field and what is allowed */
export function checked<T>(schema: z.ZodType<T>, sent: unknown): T {
  const { data, faults } = readBySchema(schema, sent);
  if (!faults) return data;
  const [{ field, description }] = faults;
  const violation = { field: field || "body", description };
  throw new NotAsSchema("INVALID_ARGUMENT", `${violation.field} ${description}`, { violations: [violation] });
}
