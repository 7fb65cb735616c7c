import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { searchOptions } from "../gateway/validate.js";
import { LocalModel } from "../local.js";
import { CutDocument } from "./cut-document.js";
import { entitiesOf } from "./inline/doctype.js";
import { documentOf, type TextFormat } from "./inline/formats.js";
import { rawOf } from "./inline/markup-document.js";
import { type MarkupNode, MarkupReader, readMarkup } from "./inline/markup-tree.js";
import {
  below,
  faultOf,
  folder,
  PLACEHOLDERS,
  pick,
  tagsOf,
  translateAll,
  WORDS,
} from "./test-support/random-texts.js";

/** Markup with placeholders that are all different. */
function randomMarkup(format: "html" | "xml"): { markup: string; placeholders: string[] } {
  const placeholders: string[] = [];
  const inside = (depth: number): string =>
    Array.from({ length: 1 + below(4) }, () => {
      const kind = below(8);
      if (kind === 0 && depth > 0) return `<b>${inside(depth - 1)}</b>`;
      if (kind === 1 && depth > 0) return `<a href="/${below(9)}?x=1&amp;y" title='"'>${inside(depth - 1)}</a>`;
      if (kind === 2) return pick(["<!-- note -->", format === "html" ? '<img src="i.png">' : "<img/>", "<i></i>"]);
      if (kind === 3) {
        const left = PLACEHOLDERS.filter((p) => !placeholders.includes(p));
        if (left.length > 0) placeholders.push(pick(left));
        return left.length > 0 ? ` ${placeholders.at(-1)} ` : "";
      }
      if (kind === 4 && depth > 1) return `<section>${inside(depth - 1)}</section>`;
      if (kind === 6 && below(2) === 0) return pick([" R&amp;D ", " `a &lt; b` ", " Ctrl+C ", " user_id "]);
      if (kind === 5 && format === "html") return pick(["<br>", "<code>if (a &lt; b)</code>", "<script>a<b</script>"]);
      return pick(WORDS) + pick(WORDS);
    }).join("");
  return { markup: `<div>${inside(3)}</div>`, placeholders };
}

const ENTITIES = ["犬", "co", "a.b-c", "Tom"];

function textOf(node: MarkupNode): string {
  if (node.kind === "element") return node.children.map(textOf).join("");
  return node.kind === "text" ? node.text : "";
}

/** HTML without what XML does not know, to check how its tags nest. */
const asXml = (html: string) => html.replace(/<script>.*?<\/script>/g, "").replace(/<(br|img[^>]*)>/g, "<$1/>");

describe("markup", () => {
  let tiny: LocalModel;
  let shipped: LocalModel;
  beforeAll(async () => {
    tiny = await LocalModel.open(folder("tests/fixtures/bundles/v1-tiny-translation"));
    shipped = await LocalModel.open(folder("models/tatoeba-ja-en"));
  });
  afterAll(async () => {
    await tiny.close();
    await shipped.close();
  });

  it.each([
    ["html", 300, "a model that says anything"],
    ["xml", 300, "a model that says anything"],
    ["html", 40, "a trained model"],
    ["xml", 40, "a trained model"],
  ] as const)(
    "%s: %i documents keep their tags, well-formed, and their placeholders: %s",
    async (format, count, which) => {
      const documents = Array.from({ length: count }, () => randomMarkup(format));
      const model = which === "a trained model" ? shipped : tiny;
      const written = await translateAll(
        model,
        documents.map((d) => d.markup),
        format,
      );
      for (const [k, { markup, placeholders }] of documents.entries()) {
        const result = written[k]!;
        expect(faultOf(format === "html" ? asXml(result) : result), result).toBeUndefined();
        expect(tagsOf(result), markup).toEqual(tagsOf(markup));
        for (const placeholder of placeholders) expect(result.split(placeholder), result).toHaveLength(2);
      }
    },
  );

  it("translates what is between the tags", async () => {
    const [html] = await translateAll(
      shipped,
      ['<p class="x">私は<b>学生</b>です。</p><script>if (a<b) c()</script>'],
      "html",
    );
    expect(html).toBe(`<p class="x">I'm <b>a student</b>.</p><script>if (a<b) c()</script>`);
  });

  it("leaves alone what has no letters, in all formats", async () => {
    const texts = ["---", "12:30", "😀 …", "1. {x} - 2", "１２３。", "\n?!\n"];
    expect(await translateAll(tiny, texts, "text")).toEqual(texts);
    expect(await translateAll(tiny, texts, "html")).toEqual(texts);
    const [numbered] = await translateAll(shipped, ["1. 犬がいます。"], "text");
    expect(numbered).toMatch(/^1\. [A-Z]/);
  });

  it("leaves a sentence as it is of which the model says nothing", async () => {
    const languages = { source: "en", target: "ja" };
    const document = documentOf("<p>Up <b>to {name}</b></p>", { format: "html", languages });
    const cut = await CutDocument.cut(document, { languages, terms: [], words: undefined }, async () => {});
    const end = { piece: "</s>", logProbability: 0 };
    const hypothesis = { text: "", score: 0, logProbability: 0, tokens: [end], finishReason: "end" as const };
    expect(cut.write([{ hypothesis, sourcePieces: [], given: [] }])).toBe("<p>Up <b>to {name}</b></p>");
  });

  it("leaves placeholders alone that have nothing beside them but tags", async () => {
    const html = '<p><b>{x}</b>: <a href="y">https://a.b/c</a> <i><u>5 km</u></i></p>';
    expect(await translateAll(tiny, [html], "html")).toEqual([html]);
  });

  it("has a placeholder once that the translation is to begin with", async () => {
    const begun = async (text: string, prefix: string, format: TextFormat) => {
      const options = searchOptions({ beamSize: 2, maxLength: 20 });
      for await (const { hypotheses } of shipped.translate([text], options, { format, prefixes: [prefix] })) {
        return hypotheses[0]!.text;
      }
      return "";
    };
    expect(await begun("{name}は医者です。", "{name} was", "text")).toMatch(/^\{name\} was [^{}]*$/);
    expect(await begun("{a}と{b}は医者です。", "{b} and {a}", "text")).toMatch(/^\{b\} and \{a\} [^{}]*$/);
    expect(await begun("1914年の戦争は2027年に始まった。", "In 2027, in 2027,", "text")).toMatch(/^In 2027, in 2027, /);
    expect(await begun("{name}は医者です。", "Tom is", "text")).toMatch(/^Tom is [^{}]*\{name\}[^{}]*$/);
    expect(await begun("<p><b>{name}</b>は医者です。</p>", "{name} is", "html")).toMatch(
      /^<p><b>\{name\}<\/b> is [^{}]*<\/p>$/,
    );
  });

  it("mends HTML, and refuses XML that is not well-formed", async () => {
    const [html] = await translateAll(tiny, ["<p>犬</i><b>本"], "html");
    expect(html).toMatch(/^<p>[^<]*<b>[^<]*<\/b>$/);
    await expect(translateAll(tiny, ["<p>犬"], "xml")).rejects.toThrow(/not well-formed XML: 1:\d+: unclosed tag: p/);
  });

  it.each([
    ['<p>a</p><a href="', "<p>a</p>"],
    ['<div><a b="c"d="', "<div></div>"],
    ["a <b c=", "a "],
  ])("ends where a tag is cut off: %s", (html, kept) => {
    expect(readMarkup(html, "html").map(rawOf).join("")).toBe(kept);
  });

  it.each([
    ["xml", "<p>a <b>b</b\n> c</p >", "a b c"],
    ["html", "<p>a <b>b</b\n> c</p >", "a b c"],
    ["html", "<p>a <b>b</b\t>1 &amp; 2</p\r\n>3", "a b1 & 23"],
    ["html", "<p>a<br/></p x=y>d", "ad"],
    ["html", "<script>a</b></script >5", "a</b>5"],
    ["xml", "<a>b</a ><!-- </a -->1", "b1"],
  ] as const)(
    "reads what stands in an end tag as a part of it, in whatever pieces it comes: %s %j",
    (format, markup, text) => {
      for (let cut = 0; cut <= markup.length; cut++) {
        const reader = new MarkupReader(format);
        reader.write(markup.slice(0, cut));
        reader.write(markup.slice(cut));
        reader.end();
        expect(reader.nodes.map(rawOf).join("")).toBe(markup);
        expect(reader.nodes.map(textOf).join("")).toBe(text);
      }
    },
  );

  it("does not take what stands in a stray end tag for text", () => {
    expect(readMarkup("1</i >2</p\n>3", "html").map(rawOf).join("")).toBe("123");
  });

  it.each([
    '<?xml version="1.0"?>\n<!DOCTYPE p [\n<!ATTLIST p id ID #IMPLIED>\n<!-- > ]> -->\n<!ENTITY e "a > b">\n]>\n',
    "<!-- <!DOCTYPE p> --><!DOCTYPE p>",
    '<!DOCTYPE p SYSTEM "p.dtd">\r\n',
    '<?xml version="1.0"?>\r\n<!DOCTYPE p [\r\n<!ATTLIST p id ID #IMPLIED>\r\n]>\r\n',
  ])("keeps the document type of XML, with what it declares: %j", async (prolog) => {
    const [xml] = await translateAll(shipped, [`${prolog}<p>私は学生です。</p>`], "xml");
    expect(xml).toBe(`${prolog}<p>I'm a student.</p>`);
  });

  it("keeps references to entities that XML declares, and refuses others", async () => {
    const doctype = [
      "<!DOCTYPE p [<!ENTITY co \"K&amp;R\"><!-- <!ENTITY no1 '-'> --><?pi <!ENTITY no2 '-'>?>",
      "<!ENTITY lol '&co;&co;'><!ENTITY 名 PUBLIC \"p\" \"file:///etc/passwd\"><!ENTITY % no3 '-'>",
      "<!ENTITY no4 SYSTEM 'i.gif' NDATA gif><!ENTITY co2 '<!ENTITY no5 \"-\">'>]>",
    ].join("\n");
    const [xml] = await translateAll(
      shipped,
      [`${doctype}<p id="&co;">&lol;は&名;が好きです。<code>&co2;</code></p>`],
      "xml",
    );
    expect(xml).toMatch(/^.*<p id="&co;">[^<&]*(?:&lol;[^&]*&名;|&名;[^&]*&lol;)[^&]*<code>&co2;<\/code><\/p>$/s);
    expect(xml!.startsWith(doctype)).toBe(true);
    for (const name of ["no1", "no2", "no3", "no4", "no5", "nbsp"]) {
      const refused = translateAll(shipped, [`${doctype}<p>&${name};</p>`], "xml");
      await expect(refused).rejects.toThrow(/not well-formed XML: 3:\d+: undefined entity/);
    }
    await expect(translateAll(shipped, ["<p>&co;</p>"], "xml")).rejects.toThrow(/undefined entity/);
  });

  it("reads a document type in a time that goes with its length", () => {
    const parts = ['<!"<!--"', "<!'<?'", "<!ENTITY ", '<!ENTITY a "b" ', "<!ENTITY a SYSTEM '>'", "<!-", "'\"'"];
    for (const part of parts) entitiesOf(part.repeat(1_000_000 / part.length));
  });

  it("keeps references to entities through a model that says anything", async () => {
    const doctype = `<!DOCTYPE div [${ENTITIES.map((name) => `<!ENTITY ${name} "<i>&amp;犬</i>">`).join("")}]>`;
    const documents = Array.from({ length: 300 }, () => {
      const { markup } = randomMarkup("xml");
      return `${doctype}${markup.replace(/犬|本/g, (word) => `${pick(["", word])}&${pick(ENTITIES)};`)}`;
    });
    const referencesOf = (xml: string) => (xml.match(/&(?!amp;|lt;|gt;)[^;<\s]+;/g) ?? []).sort();
    for (const [k, written] of (await translateAll(tiny, documents, "xml")).entries()) {
      const declared = Object.fromEntries(ENTITIES.map((name) => [name, ""]));
      expect(written.startsWith(doctype)).toBe(true);
      expect(faultOf(written.slice(doctype.length), declared), written).toBeUndefined();
      expect(tagsOf(written), documents[k]).toEqual(tagsOf(documents[k]!));
      expect(referencesOf(written), `${documents[k]} → ${written}`).toEqual(referencesOf(documents[k]!));
    }
  });

  it("keeps an instruction of XML whole in the middle of a sentence", async () => {
    const [xml] = await translateAll(shipped, ["<p>猫<?pi x?>が好きです。</p>"], "xml");
    expect(xml).toBe("<p>I like cats<?pi x?>.</p>");
  });

  it.each(["html", "xml"] as const)("is refused in %s when it nests too deep", async (format) => {
    const deep = (levels: number) => `${"<b>".repeat(levels)}a${"</b>".repeat(levels)}`;
    const read = (text: string) => () => documentOf(text, { format, languages: { source: "ja", target: "en" } });
    expect(read(deep(256))).not.toThrow();
    expect(read(deep(257))).toThrow(/nest deeper than 256/);
  });
});
