import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const MODEL = path("tests/fixtures/bundles-v2/v2-tiny-translation");
const OLD = path("tests/fixtures/bundles/v1-tiny-translation");

function carousel(flags: readonly string[], input: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [path("cli/dist/main.js"), ...flags], (error, stdout, stderr) =>
      resolve({ code: (error?.code as number | undefined) ?? 0, stdout, stderr }),
    );
    child.stdin!.end(input);
  });
}

describe("flags of the search", () => {
  it("reach the decoder, and the answer says what came of them", async () => {
    const flags = [
      "--beam",
      "3",
      "--n-best",
      "2",
      "--max-length",
      "12",
      "--min-length",
      "5",
      "--coverage-penalty",
      "0.2",
    ];
    const more = ["--patience", "2", "--block-ngram-repeat", "2", "--repetition-penalty", "1.2", "--suppress", "<unk>"];
    const asked = ["translate", "--model", MODEL, "--json", "--alignments", ...flags, ...more];
    const { stdout, stderr } = await carousel(asked, "彼は医者です。\n");
    expect(stderr).toBe("");
    const { translations, modelVersion } = JSON.parse(stdout);
    expect(modelVersion).toMatch(/^[0-9a-f]{16}$/);
    expect(translations[0]).toMatchObject({ segments: 1, splitSentences: 0 });
    expect(translations[0].hypotheses).toHaveLength(2);
    for (const h of translations[0].hypotheses) {
      const pieces: string[] = h.tokens.map((t: { piece: string }) => t.piece);
      const pairs = pieces.slice(1).map((p, k) => `${pieces[k]} ${p}`);
      expect(new Set(pairs).size).toBe(pairs.length);
      expect(pieces).not.toContain("<unk>");
      expect(pieces.length).toBeGreaterThan(5);
      expect(h.hardAlignment).toMatch(/^(\d+-\d+( |$))*$/);
      expect(h).toMatchObject({ cutSegments: expect.any(Number), omission: expect.any(Number) });
    }
  });

  it("are refused by a model that does not know them", async () => {
    const flags = ["translate", "--model", OLD, "--block-ngram-repeat", "3"];
    const { code, stderr } = await carousel(flags, "彼は医者です。\n");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^carousel: .*knows no no_repeat_ngram.*\n$/),
    });
  });

  it("draw as many different translations as are asked for", async () => {
    const flags = ["translate", "--model", MODEL, "--temperature", "1", "--n-best", "3", "--seed", "1"];
    const [first, second] = await Promise.all([
      carousel(flags, "彼は医者です。\n"),
      carousel(flags, "彼は医者です。\n"),
    ]);
    expect(first!.stdout.split("\n")).toHaveLength(4);
    expect(first!.stdout).toBe(second!.stdout);
  });
});

describe("flags of terms", () => {
  it("say how they are found and written", async () => {
    const folder = await mkdtemp(join(tmpdir(), "carousel-"));
    const terms = join(folder, "terms.tsv");
    await writeFile(terms, "Dog\ttoutou\n");
    const flags = ["translate", "--model", path("models/tatoeba-en-fr"), "--terms", terms];
    const translated = async (...more: string[]) => {
      const { stdout, stderr } = await carousel([...flags, ...more], "I saw two dogs.\n");
      return stdout + stderr;
    };
    expect(await translated()).not.toContain("toutou");
    expect(await translated("--term-inflection", "suffix")).toContain("toutou");
    expect(await translated("--term-inflection", "suffix", "--term-case", "exact")).not.toContain("toutou");
    await rm(folder, { recursive: true });
  });

  it.each([
    ["--term-case", "any"],
    ["--term-inflection", "suffix"],
  ])("are refused without terms: %s", async (...flags) => {
    const { code, stderr } = await carousel(["translate", "--model", MODEL, ...flags], "犬\n");
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^carousel: .*--terms.*\n$/) });
  });
});
