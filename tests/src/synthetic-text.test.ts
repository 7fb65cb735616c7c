import { execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sentenceBleu } from "@carousel/training";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { repository } from "./repository.js";

const main = join(repository, "cli", "bin", "carousel.mjs");
const bundles = join(repository, "tests", "fixtures", "bundles");
const teacher = join(bundles, "v1-tiny-translation");
const sentences = ["彼は医者です。", "", "これは本です。", " \t", "は".repeat(100), "それは何ですか。私は学生です。"];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "carousel-synthetic-"));
  await writeFile(at("in.ja"), sentences.map((line) => `${line}\n`).join(""));
  return () => rm(folder, { recursive: true, force: true });
});
const at = (name: string) => join(folder, name);

function carousel(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...args], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code as number) : 0, stdout, stderr });
    });
    child.stdin!.end();
  });
}

/** Runs a command that must succeed; its standard error. */
async function succeed(args: readonly string[]): Promise<string> {
  const { code, stderr } = await carousel(args);
  expect(code, stderr).toBe(0);
  return stderr;
}

async function linesOf(name: string): Promise<string[]> {
  const text = await readFile(at(name), "utf8");
  expect(text.endsWith("\n")).toBe(true);
  return text.slice(0, -1).split("\n");
}

const distill = (output: string, ...more: string[]) => [
  "distill",
  ...["--teacher", teacher, "--source", at("in.ja"), "--output", at(output), "--max-length", "12", ...more],
];

// every case starts processes, on machines that may be busy
vi.setConfig({ testTimeout: 180_000 });

describe("distillation", () => {
  it("leaves nothing behind when its teacher is no translation model", async () => {
    const { code, stderr } = await carousel(distill("out.en", "--teacher", join(bundles, "v1-tiny-generation")));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("it must be a translation model") });
    expect(await readdir(folder)).toEqual(["in.ja"]);
  });

  it("writes a line for each line, empty for what is empty, whole for what is too long for one segment", async () => {
    const stderr = await succeed(distill("out.en"));
    const lines = await linesOf("out.en");
    expect(lines.map((line) => line !== "")).toEqual([true, false, true, false, true, true]);
    expect(stderr).toMatch(/6\/6 lines \(100 %\) {2}[\d.]+ lines\/s/);
    const origin = JSON.parse(await readFile(`${at("out.en")}.origin.json`, "utf8"));
    expect(origin).toMatchObject({ model: "v1-tiny-translation", beamSize: 5, source: { lines: 6 } });
  });

  it("leaves the line of what cannot be translated empty, and says which it was", async () => {
    await writeFile(at("in.ja"), `Hello.\na${"㎯".repeat(80)}\n---`); // six characters each, when normalized
    const stderr = await succeed(distill("out.en", "--teacher", "tatoeba-en-fr", "--beam", "1"));
    expect((await linesOf("out.en")).map((line) => line !== "")).toEqual([true, false, true]);
    expect(stderr).toMatch(/1 of 3 lines have no translation.*The first is line 2: the source has \d+ tokens/);
  });

  it("has the model's own words for what it does not know", async () => {
    await writeFile(at("in.ja"), "The blockchain is too slow for me.\n");
    await succeed(distill("out.ja", "--teacher", "tatoeba-en-ja", "--beam", "1"));
    expect(await linesOf("out.ja")).toEqual([expect.not.stringContaining("blockchain")]);
  });

  it("with a reference takes what is closest to it among the hypotheses", async () => {
    const reference = ["He is a doctor.", "", "This is a book.", "", "", "What is that? I am a student."];
    await writeFile(at("ref.en"), reference.join("\n"));
    await succeed(distill("best.en"));
    await succeed(distill("closest.en", "--reference", at("ref.en")));
    const scores = async (name: string) =>
      (await linesOf(name)).map(
        (hypothesis, k) => sentenceBleu({ hypothesis, reference: reference[k]!, smoothing: "add-one" }).score,
      );
    const [best, closest] = [await scores("best.en"), await scores("closest.en")];
    for (const [k, score] of closest.entries()) expect(score).toBeGreaterThanOrEqual(best[k]!);
  });

  it("goes on after a kill where it stopped, to the text of a run that was not killed", async () => {
    const many = Array.from({ length: 4500 }, (_, k) => sentences[k % 4]!.repeat(1 + (k % 3)));
    await writeFile(at("in.ja"), many.join("\n"));
    const brief = ["--beam", "1", "--max-length", "3"];
    await succeed(distill("whole.en", ...brief));
    await killedWhenItHasLines([...distill("out.en"), ...brief], at("out.en"));
    const torn = await readFile(at("out.en"), "utf8");
    const kept = torn.split("\n").length - 1;
    expect(kept).toBeLessThan(4500);
    // what is there is not made anew: a mark in it stays
    await writeFile(at("out.en"), torn.replace(/^./, "X"));
    await succeed([...distill("out.en"), ...brief, "--resume"]);
    const [out, whole] = [await linesOf("out.en"), await linesOf("whole.en")];
    expect(out).toHaveLength(4500);
    expect(out.slice(1)).toEqual(whole.slice(1));
    expect(out[0]).toBe(`X${whole[0]!.slice(1)}`);
  });

  it("ends with one clear line when something is wrong", async () => {
    await succeed(distill("out.en"));
    const cases: [string[], RegExp][] = [
      [distill("out.en"), /out.en is there already: --resume goes on with it; or remove it/],
      [distill("out.en", "--resume", "--beam", "4"), /cannot be resumed: it was made with beamSize 5, not 4/],
      [distill("new.en", "--select", "closest"), /--select closest needs --reference/],
      [distill("new.en", "--select", "best", "--reference", at("in.ja")), /--reference is of no use/],
      [distill("new.en", "--source", at("none")), /no such file/],
      [
        distill("new.en", "--teacher", join(bundles, "v1-tiny-generation")),
        /is v1-tiny-generation, a generation model/,
      ],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await carousel(args);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(message);
    }
  });
});

describe("back-translation", () => {
  const backTranslate = (output: string, ...more: string[]) => [
    "back-translate",
    ...["--model", teacher, "--target", at("in.ja"), "--output", at(output), "--max-length", "12", ...more],
  ];

  it("samples by seed and line, also when resumed", async () => {
    await writeFile(at("in.ja"), "彼は医者です。\n\n彼は医者です。\n彼は医者です。\n");
    await succeed(backTranslate("one.en", "--sample", "--seed", "3"));
    const one = await linesOf("one.en");
    expect(one[1]).toBe("");
    expect(new Set(one).size).toBeGreaterThan(2);
    await succeed(backTranslate("other.en", "--sample", "--seed", "4"));
    expect(await linesOf("other.en")).not.toEqual(one);
    await truncate(at("one.en"), Buffer.byteLength(`${one[0]}\n\n`) + 1);
    await succeed(backTranslate("one.en", "--sample", "--seed", "3", "--resume"));
    expect(await linesOf("one.en")).toEqual(one);
  });

  it("searches as distillation does", async () => {
    await succeed(backTranslate("back.en", "--beam", "2"));
    await succeed(distill("distilled.en", "--beam", "2"));
    expect(await linesOf("back.en")).toEqual(await linesOf("distilled.en"));
  });

  it("takes search or sampling, not both", async () => {
    const { stderr } = await carousel(backTranslate("out.en", "--seed", "3"));
    expect(stderr).toContain("--seed and --temperature are for --sample");
    const both = await carousel(backTranslate("out.en", "--sample", "--beam", "3"));
    expect(both.stderr).toContain("--sample draws one sentence: it has no --beam");
  });
});

/** Kills the command, without warning, as soon as its output has a line. */
async function killedWhenItHasLines(args: readonly string[], output: string): Promise<void> {
  const child = spawn(process.execPath, [main, ...args], { stdio: "ignore" });
  const ended = new Promise<string | null>((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  const watch = setInterval(async () => {
    const text = await readFile(output, "utf8").catch(() => "");
    if (text.includes("\n")) child.kill("SIGKILL");
  }, 5);
  expect(await ended).toBe("SIGKILL");
  clearInterval(watch);
}
