import { describe, expect, it } from "vitest";
import { z } from "zod";
import { faultLine, readBySchema } from "./read-by-schema.js";

const schema = z.strictObject({
  beamSize: z.int().min(1).max(16).optional(),
  share: z.number().gt(0).lt(1).optional(),
  port: z.coerce.number().int().optional(),
  names: z.array(z.string().min(1)).min(1).optional(),
  color: z.enum(["red", "green"]).default("red"),
  files: z.record(z.string().regex(/^[a-z]+$/, "must be of a-z"), z.number()).optional(),
  rate: z.union([z.number().min(0), z.strictObject({ input: z.number(), output: z.number().optional() })]).optional(),
  own: z.union([z.string(), z.number()], "must be this or that").optional(),
  shape: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("circle"), radius: z.number() }),
      z.strictObject({ kind: z.literal("square"), side: z.number() }),
    ])
    .optional(),
});

const linesOf = (value: unknown) => readBySchema(schema, value).faults?.map(faultLine);

describe("a value that is read by a schema", () => {
  it("has its defaults", () => {
    expect(readBySchema(schema, { beamSize: 3 })).toEqual({ data: { beamSize: 3, color: "red" } });
  });

  const cases: [unknown, ...string[]][] = [
    [null, "it is null; it must be an object"],
    [{ beam_size: 3 }, "beam_size: is not known; did you mean beamSize?"],
    [{ BeamSizes: 3 }, "BeamSizes: is not known; did you mean beamSize?"],
    [
      { a: 1, colour: "red" },
      "a: is not known; known are beamSize, share, port, names, color, files, rate, own, shape",
      "colour: is not known; did you mean color?",
    ],
    [{ beamSize: "x" }, 'beamSize: is "x"; it must be a number'],
    [{ beamSize: 1.5 }, "beamSize: is 1.5; it must be a whole number"],
    [{ beamSize: JSON.parse("1e999") }, "beamSize: is Infinity; it must be a finite number"],
    [{ beamSize: 17 }, "beamSize: is 17; it must be at most 16"],
    [{ beamSize: 0, share: 0 }, "beamSize: is 0; it must be at least 1", "share: is 0; it must be above 0"],
    [{ port: "ten" }, 'port: is "ten"; it must be a number'],
    [{ names: "a private text" }, "names: is a string; it must be a list"],
    [{ names: [] }, "names: has 0 items; it must have at least 1"],
    [{ names: ["a", ""] }, "names[1]: has 0 characters; it must have at least 1"],
    [{ color: "blue" }, 'color: is "blue"; it must be one of red, green'],
    [{ color: "b".repeat(99) }, `color: is "${"b".repeat(59)}…; it must be one of red, green`],
    [{ files: { "B!": 1 } }, "files.B!: has a key that must be of a-z"],
    [{ rate: -1 }, "rate: is -1; it must be at least 0"],
    [{ rate: "a" }, 'rate: is "a"; it must be a number or an object'],
    [{ rate: { input: 1, ouput: 2 } }, "rate.ouput: is not known; did you mean output?"],
    [{ rate: {} }, "rate.input: is missing; it must be a number"],
    [{ own: {} }, "own: must be this or that"],
    [{ shape: { kind: "cone" } }, 'shape.kind: is "cone"; it must be one of circle, square'],
    [{ shape: { side: 1 } }, "shape.kind: is missing; it must be one of circle, square"],
    [{ shape: { kind: "square", side: 1, radius: 1 } }, "shape.radius: is not known; known are kind, side"],
  ];
  it.each(cases)("%j", (value, ...lines) => {
    expect(linesOf(value)).toEqual(lines);
  });
});
