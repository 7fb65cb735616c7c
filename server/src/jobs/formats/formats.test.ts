import { describe, expect, it } from "vitest";
import { encodeMarkdown } from "./encode-markdown.js";
import { BATCH_FORMATS, type BatchFormat } from "./index.js";
import { cutByStretches } from "./markdown.js";
import { cutBytes } from "./text.js";
import { type Unit, writtenUnit } from "./unit.js";

const languages = { source: "en", target: "fr" };

/** A document in pieces of so many bytes. */
async function* inPieces(document: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < document.length; at += size) yield document.subarray(at, at + size);
}

const cut = (format: BatchFormat, document: string, size = 7) => cutBuffer(format, Buffer.from(document), size);

async function cutBuffer(
  format: BatchFormat,
  document: Buffer,
  size: number,
): Promise<{ units: Unit[]; tail: string }> {
  const reading = cutBytes(inPieces(document, size), [BATCH_FORMATS[format], languages]);
  const units: Unit[] = [];
  for (;;) {
    const { value, done } = await reading.next();
    if (done) return { units, tail: value };
    units.push(value);
  }
}

const textOf = ({ source }: Unit) => (typeof source === "string" ? source : source.text);

/** The document with every text in capitals; one that holds "bad" fails. Tags are gone with it. */
async function capitals(format: BatchFormat, document: string): Promise<string> {
  const { units, tail } = await cut(format, document);
  const written = units.map((unit) =>
    writtenUnit(unit, textOf(unit).includes("bad") ? { error: "no" } : { text: textOf(unit).toUpperCase() }),
  );
  return written.join("") + tail;
}

const XLIFF_1 = `<?xml version="1.0"?>
<xliff version="1.2"><file source-language="en" original="x"><body>
<trans-unit id="1"><source>Hello <g id="1">my</g><x id="2"/> dog</source></trans-unit>
<trans-unit id="2"><source>Cat</source><target state="new">Alt</target><alt-trans><source>no</source></alt-trans></trans-unit>
<trans-unit id="3" translate="no"><source>Keep</source></trans-unit>
</body></file></xliff>`;

describe("formats of batch jobs", () => {
  it.each<[BatchFormat, string, string]>([
    ["lines", "one\r\n\ntwo", "ONE\r\n\nTWO"],
    ["lines", "bad\nb\n", "\nB\n"],
    ["tsv", "1\tone\n2\tbad", "1\tone\tONE\n2\tbad\t"],
    [
      "jsonl",
      '{"text":"say \\"a\\"","id":7}\n\n{"id":"x","text":"bad","translation":"old"}\n',
      '{"text":"say \\"a\\"","id":7,"translation":"SAY \\"A\\""}\n\n{"id":"x","text":"bad","translation":"","error":"no"}\n',
    ],
    ["text", "one\ntwo\n\n\nthree\n", "ONE TWO\n\n\nTHREE\n"],
    [
      "srt",
      "1\n00:00:01,000 --> 00:00:02,000\nhello\nyou\n\n2\n00:00:03,000 --> 00:00:04,500\nbad\n",
      "1\n00:00:01,000 --> 00:00:02,000\nHELLO YOU\n\n2\n00:00:03,000 --> 00:00:04,500\nbad\n",
    ],
    [
      "markdown",
      "# one\n\n```js\ncode\n```\n\n- two\n  three\n- bad *four*\n\n| a | b |\n|---|---|\n| five | `x` |\n\n[ref]: http://x.y\n",
      "# ONE\n\n```js\ncode\n```\n\n- TWO THREE\n- bad *four*\n\n| A | B |\n|---|---|\n| FIVE | `x` |\n\n[ref]: http://x.y\n",
    ],
    [
      "tmx",
      '<tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en-US"><seg>one</seg></tuv><tuv xml:lang="fr"><seg>un</seg></tuv></tu><tu><tuv xml:lang="en"><seg>two</seg></tuv></tu><tu><tuv xml:lang="de"><seg>drei</seg></tuv></tu></body></tmx>',
      '<tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en-US"><seg>one</seg></tuv><tuv xml:lang="fr"><seg>ONE</seg></tuv></tu><tu><tuv xml:lang="en"><seg>two</seg></tuv><tuv xml:lang="fr"><seg>TWO</seg></tuv></tu><tu><tuv xml:lang="de"><seg>drei</seg></tuv></tu></body></tmx>',
    ],
    [
      "xliff",
      XLIFF_1,
      XLIFF_1.replace('original="x"', 'original="x" target-language="fr"')
        .replace("dog</source>", "dog</source><target>HELLO MY DOG</target>")
        .replace(">Alt<", ">CAT<"),
    ],
    [
      "xliff",
      '<xliff version="2.0" srcLang="en"><file><unit><segment><source>bad <pc id="1">x</pc></source></segment></unit></file></xliff>',
      '<xliff version="2.0" srcLang="en" trgLang="fr"><file><unit><segment><source>bad <pc id="1">x</pc></source><target>bad <pc id="1">x</pc></target></segment></unit></file></xliff>',
    ],
  ])("%s: %j", async (format, document, expected) => {
    expect(await capitals(format, document)).toBe(expected);
  });

  it.each<[BatchFormat, string, string]>([
    ["lines", "\uFEFFone\r\n\r\ntwo", "\uFEFFONE\r\n\r\nTWO"],
    ["tsv", "\uFEFFid\tone\r\n\r\n", "\uFEFFid\tone\tONE\r\n\t\r\n"],
    [
      "jsonl",
      '{"id":12345678901234567890, "text":"a}" } \r\n{"__proto__":1,"text":"b"}',
      '{"id":12345678901234567890, "text":"a}","translation":"A}"} \r\n{"__proto__":1,"text":"b","translation":"B"}',
    ],
    [
      "srt",
      "\uFEFF1\r\n00:00:01,000 --> 00:00:02,000\r\n{\\an8}AT&T & I <3 you\r\nso\r\n",
      "\uFEFF1\r\n00:00:01,000 --> 00:00:02,000\r\n{\\an8}AT&T & I <3 YOU SO\r\n",
    ],
    [
      "srt",
      "1\n00:00:01,000 --> 00:00:02,000\none\n2\n00:00:03,000 --> 00:00:04,000\n3\n00:00:05,000 --> 00:00:06,000\ntwo\n5\n\n",
      "1\n00:00:01,000 --> 00:00:02,000\nONE\n2\n00:00:03,000 --> 00:00:04,000\n3\n00:00:05,000 --> 00:00:06,000\nTWO 5\n\n",
    ],
    ["markdown", "---\ntitle: one\n---\n\n# two\r\n\r\nthree", "---\ntitle: one\n---\n\n# TWO\r\n\r\nTHREE"],
    [
      "tmx",
      '<tmx><body><tu><note>n</note><tuv xml:lang="en"><seg>one</seg></tuv><tuv xml:lang="fr-CA" creationid="i"><prop type="p">q</prop><seg>un</seg></tuv></tu></body></tmx>',
      '<tmx><body><tu><note>n</note><tuv xml:lang="en"><seg>one</seg></tuv><tuv xml:lang="fr-CA" creationid="i"><prop type="p">q</prop><seg>ONE</seg></tuv></tu></body></tmx>',
    ],
    [
      "xliff",
      '<xliff version="1.2"><file target-language="fr"><trans-unit id="1"><source><![CDATA[one & two]]> &#233;</source></trans-unit></file></xliff>',
      '<xliff version="1.2"><file target-language="fr"><trans-unit id="1"><source><![CDATA[one & two]]> &#233;</source><target>ONE & TWO É</target></trans-unit></file></xliff>',
    ],
    [
      "xliff",
      '<xliff version="1.2"><file target-language="fr"><trans-unit id="1"><source>one</source><seg-source><mrk mtype="seg">one</mrk></seg-source><note>n</note></trans-unit><trans-unit id="2"><source>two</source><target state="new" /></trans-unit></file></xliff>',
      '<xliff version="1.2"><file target-language="fr"><trans-unit id="1"><source>one</source><seg-source><mrk mtype="seg">one</mrk></seg-source><target>ONE</target><note>n</note></trans-unit><trans-unit id="2"><source>two</source><target state="new">TWO</target></trans-unit></file></xliff>',
    ],
    [
      "xliff",
      '<?xml version="1.0"?>\r\n<!DOCTYPE x [\r\n<!ENTITY b "<i>ha</i>"><!ENTITY c "&b;&b;">]>\r\n<xliff version="1.2"><trans-unit id="&b;"><source>one &c;&amp;c;</source></trans-unit></xliff>',
      '<?xml version="1.0"?>\r\n<!DOCTYPE x [\r\n<!ENTITY b "<i>ha</i>"><!ENTITY c "&b;&b;">]>\r\n<xliff version="1.2"><trans-unit id="&b;"><source>one &c;&amp;c;</source><target>ONE TOM&C;</target></trans-unit></xliff>',
    ],
  ])("%s as it is in the wild: %j", async (format, document, expected) => {
    expect(await capitals(format, document)).toBe(expected);
  });

  it("keeps what would be markup in Markdown as text", () => {
    expect(["# a", "1. b", "- c", "a*b_c", "&lt;", "~x~"].map(encodeMarkdown)).toEqual([
      "\\# a",
      "1\\. b",
      "\\- c",
      "a\\*b\\_c",
      "\\&lt;",
      "\\~x\\~",
    ]);
  });

  it.each<[string, BatchFormat, Buffer, RegExp]>([
    ["bytes that are no UTF-8", "lines", Buffer.from("6f6b0a61ff620a", "hex"), /is not UTF-8 in line 2$/],
    ["UTF-16", "lines", Buffer.from("\uFEFFhello", "utf16le"), /is not UTF-8 in line 1$/],
    ["half a character", "lines", Buffer.from("日本").subarray(0, 5), /is not UTF-8 at its end, in line 1$/],
    ["a line without end", "lines", Buffer.alloc(1_100_000, "x"), /has more than 1000000 characters in line 1$/],
    [
      "entities that nothing declares",
      "xliff",
      Buffer.from('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY % c "ha">]><xliff>&a;&c;</xliff>'),
      /undefined entity/,
    ],
    [
      "nesting without end",
      "xliff",
      Buffer.from(`<xliff>${"<g>".repeat(9999)}${"</g>".repeat(9999)}</xliff>`),
      /elements nest deeper than 256/,
    ],
    [
      "more than may stand beside a text",
      "tmx",
      Buffer.from(`<tmx><!--${"-a".repeat(2_100_000)}--></tmx>`),
      /more than 4194304 /,
    ],
    [
      "more than may be held",
      "markdown",
      Buffer.alloc(33_600_000, "a"),
      /more than 33554432 characters that are one text/,
    ],
    [
      "options that are none",
      "jsonl",
      Buffer.from('{"text":"a","options":[1]}'),
      /"options" that are no object in line 1/,
    ],
  ])("refuses %s", async (_, format, document, message) => {
    await expect(cutBuffer(format, document, 1_000_000)).rejects.toThrow(message);
  });

  it.each<[BatchFormat, string]>([
    ["tmx", '<tu><tuv xml:lang="en"><seg>a <ph>{b}</ph> &amp; &#233;</seg></tuv></tu>'],
    ["xliff", "<unit><segment><source>a <ph/> <![CDATA[&]]></source></segment><!-- c --><?i j?></unit>"],
  ])("reads %s in pieces as at once", async (format, unit) => {
    const document = `<?xml version="1.0"?>\n<${format}>${unit.repeat(2000)}</${format}>\n`;
    const atOnce = await cut(format, document, 10_000_000);
    expect(atOnce.units).toHaveLength(2000);
    expect(await cut(format, document, 1)).toEqual(atOnce);
    const written = atOnce.units.map((unit) => writtenUnit(unit, {})).join("") + atOnce.tail;
    expect(written.replaceAll(/<target>.*?<\/target>|<tuv xml:lang="fr">.*?<\/tuv>/g, "")).toBe(document);
  });

  it("reads Markdown in stretches as at once", async () => {
    const document = [
      "---\ntitle: t\n---\n# A [head][a]\n\npara\n===\n\n- item\n\n      code\n\n  text\n",
      "```\nno text\n\n# no head\n```\n\n<!-- no\n\ntext -->\n\nsee [^1], [b] and [c]\n\n> quoted\n\nlast\n",
      "[a]: http://x.y\n'title\nof two lines'\n\n[^1]: note\n\n    more of it\n\n    code\n",
      "> [b]: http://x.y\n\n| a | b |\n|---|---|\n| c | d |\n\n    no text\n\n1. one\n\n2. two\n\n\nend",
    ].join("\n");
    const by = async (stretch: number) => {
      const reading = cutByStretches(
        (async function* () {
          yield document;
        })(),
        languages,
        stretch,
      );
      const units: unknown[] = [];
      let next = await reading.next();
      for (; !next.done; next = await reading.next()) units.push(next.value);
      return { units, tail: next.value };
    };
    const atOnce = await by(document.length);
    expect(atOnce.units).toHaveLength(17);
    for (const stretch of [1, 20, 100]) expect(await by(stretch)).toEqual(atOnce);
  });

  it("takes a subtitle with more tags than anybody writes as text", async () => {
    const { units } = await cut("srt", `1\n00:00:01,000 --> 00:00:02,000\n${"<i>".repeat(20_000)}x\n`, 1000);
    expect(textOf(units[0]!).length).toBeGreaterThan(20_000);
  });

  it("keeps inline elements, codes and links as tags of the text", async () => {
    const { units } = await cut("xliff", XLIFF_1);
    expect(units.map((unit) => (unit.source as { spans: unknown }).spans)).toEqual([
      [
        { start: 6, end: 8, before: '<g id="1">', after: "</g>", children: [] },
        { start: 8, end: 8, before: '<x id="2"/>', after: "", children: [] },
      ],
      [],
    ]);
    const { units: paragraphs } = await cut("markdown", "see [**my** dog](http://x.y 'z') and <http://a.b>, `code`");
    expect(paragraphs[0]!.source).toMatchObject({
      text: "see my dog and Tom, Mary",
      spans: [
        { before: "[", after: "](http://x.y 'z')", children: [{ before: "**", after: "**" }] },
        { instead: { text: "<http://a.b>" } },
        { instead: { text: "`code`" } },
      ],
    });
  });

  it("takes options of a line", async () => {
    const { units } = await cut("jsonl", '{"text":"a","options":{"beamSize":2}}');
    expect(units[0]).toMatchObject({ source: "a", options: { beamSize: 2 } });
  });

  it.each<[BatchFormat, string, RegExp]>([
    ["jsonl", '{"text":"a"}\nnot', /is not JSON in line 2$/],
    ["jsonl", '{"txt":"a"}', /has no string "text" in line 1$/],
    ["xliff", "<xliff><a></xliff>", /^the document is not well-formed XML: 1:\d+/],
    [
      "xliff",
      '<?xml version="1.0" encoding="ISO-8859-1"?><xliff/>',
      /says that it is ISO-8859-1; documents are UTF-8$/,
    ],
    ["tmx", "<xliff/>", /has no element <tmx> at its root/],
    ["srt", "hello", /has no line such as 00:00:01,000 --> 00:00:02,000/],
  ])("%s: says what is wrong with %j", async (format, document, message) => {
    await expect(cut(format, document)).rejects.toThrow(message);
  });
});
