import { describe, expect, it } from "vitest";
import type { CarouselError } from "../errors.js";
import { DocumentCutter } from "./document-cutter.js";
import { BATCH_FORMATS, type BatchFormat } from "./formats/index.js";
import { cutBytes } from "./formats/text.js";
import type { Unit } from "./formats/unit.js";

const languages = { source: "en", target: "fr" };

async function* inPieces(document: string, size = 1000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(document);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function allOf(units: AsyncGenerator<Unit, string>): Promise<{ units: Unit[]; tail: string }> {
  const all: Unit[] = [];
  let next = await units.next();
  for (; !next.done; next = await units.next()) all.push(next.value);
  return { units: all, tail: next.value };
}

const unit = (k: number) => `<tu><tuv xml:lang="en"><seg>Number <ph>${k}</ph> &amp; é</seg></tuv></tu>\n`;
const tmx = (units: number) => `\uFEFF<tmx>${Array.from({ length: units }, (_, k) => unit(k)).join("")}</tmx>\n`;
const markdown = (paragraphs: number) => "A *word* and more.\n\n".repeat(paragraphs);
/** Work that grows with the square of its length. */
const quotations = (depth: number) => `${"> ".repeat(depth)}a`;

const { signal } = new AbortController();
const cutter = new DocumentCutter({ megabytes: 32 });
const cut = (format: BatchFormat, document: string) =>
  allOf(cutter.cut(inPieces(document), { format, languages, signal }));
const failure = (cutting: Promise<unknown>) =>
  cutting.then(
    () => expect.unreachable(),
    (error: CarouselError) => error,
  );

describe("documents that are cut in a thread", () => {
  it.each<[BatchFormat, string]>([
    ["tmx", tmx(150)],
    ["xliff", "<xliff><file><unit><segment><source>a <ph/> b</source></segment></unit></file></xliff>"],
    ["markdown", markdown(150)],
    ["markdown", ""],
  ])("are what they are without one: %s", async (format, document) => {
    const here = await allOf(cutBytes(inPieces(document), [BATCH_FORMATS[format], languages]));
    expect(await cut(format, document)).toEqual(here);
  });

  it("are refused for what is wrong with them", async () => {
    const { code, message, details } = await failure(cut("tmx", "<tmx>\n<tu></tmx>"));
    expect({ code, message }).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining("2:") });
    expect(details.violations).toHaveLength(1);
  });

  it("are refused when they take too much memory, and others are cut", async () => {
    const { code, message } = await failure(cut("markdown", "A *word*, and one more. ".repeat(100_000)));
    expect({ code, message }).toEqual({
      code: "INVALID_ARGUMENT",
      message: "the document takes more than 32 MiB of memory to read; cut it into several",
    });
    expect((await cut("markdown", markdown(3))).units).toHaveLength(3);
  });

  it("leave their thread to others when nobody waits for them", async () => {
    const callers = Array.from({ length: 5 }, () => new AbortController());
    const never = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from("# a");
      await new Promise(() => {});
    };
    const given = callers.map(({ signal }) =>
      failure(allOf(cutter.cut(never(), { format: "markdown", languages, signal }))),
    );
    for (const caller of callers) caller.abort();
    expect((await Promise.all(given)).map(({ code }) => code)).toEqual(callers.map(() => "CANCELLED"));
    expect((await cut("markdown", markdown(3))).units).toHaveLength(3);
  });

  it("leave it when they are read no further", async () => {
    for (let k = 0; k < 5; k++) {
      for await (const unit of cutter.cut(inPieces(tmx(200)), { format: "tmx", languages, signal })) {
        expect(unit.source).toMatchObject({ text: expect.stringContaining("Number") });
        break;
      }
    }
    expect((await cut("tmx", tmx(1))).units).toHaveLength(1);
  });

  it("do not keep a thread for ever", async () => {
    const impatient = new DocumentCutter({ megabytes: 256, patienceMs: { sender: 5000, reader: 5000 } });
    const stalled = async function* (): AsyncGenerator<Uint8Array> {
      await new Promise(() => {});
    };
    const late = (bytes: AsyncIterable<Uint8Array>) =>
      failure(allOf(impatient.cut(bytes, { format: "markdown", languages, signal })));
    const [sender, reader] = await Promise.all([late(stalled()), late(inPieces(quotations(200_000), 1e6))]);
    expect(sender).toMatchObject({ code: "DEADLINE_EXCEEDED", message: "nothing came of the document for 5 s" });
    expect(reader).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: "the document is not read within 5 s; cut it into several",
    });
  });
});
