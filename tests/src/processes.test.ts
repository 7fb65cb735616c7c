import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { translation } from "@carousel/protos";
import { RedisServer } from "@carousel/server/queue/test-support/redis-server";
import { credentials, Metadata } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repository } from "./repository.js";

const main = join(repository, "cli", "bin", "carousel.mjs");
const models = join(repository, "tests", "fixtures", "bundles");
const run = promisify(execFile);

/** Runs the command line to its end, with text on standard input. */
function carousel(args: readonly string[], input = ""): Promise<{ code: number; stdout: string; stderr: string }> {
  const done = run(process.execPath, [main, ...args], { maxBuffer: 64 * 1024 * 1024 });
  done.child.stdin!.end(input);
  return done.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error) => ({ code: error.code as number, stdout: error.stdout, stderr: error.stderr }),
  );
}

describe("processes over Redis", () => {
  let redis: RedisServer;
  let jobs: string;
  const children: ChildProcess[] = [];

  /** Starts a role on ports of its own; resolves with the ports its log names. */
  async function role(name: "gateway" | "worker"): Promise<{ child: ChildProcess; grpcPort: number }> {
    const ports =
      name === "gateway" ? ["--grpc-port", "0", "--jobs", jobs] : ["--models", models, "--intra-op-threads", "1"];
    const args = [main, name, "--redis", redis.url, "--host", "127.0.0.1", "--http-port", "0", ...ports];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
    children.push(child);
    let log = "";
    return new Promise((resolve, reject) => {
      child.once("exit", () => reject(new Error(`${name} ended: ${log}`)));
      child.stderr!.on("data", (chunk) => {
        log += chunk;
        const up = /^\{.*(?:gateway|worker) is up.*$/m.exec(log)?.[0];
        if (up) resolve({ child, grpcPort: JSON.parse(up).grpcPort });
      });
    });
  }

  beforeAll(async () => {
    redis = await RedisServer.start();
    jobs = await mkdtemp(join(tmpdir(), "carousel-jobs-"));
  });
  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    await redis.stop();
    await rm(jobs, { recursive: true, force: true });
  });

  it.runIf(process.platform === "linux")("holds ONNX Runtime in workers only", async () => {
    const [gateway, worker] = await Promise.all([role("gateway"), role("worker")]);
    const holdsRuntime = async ({ child }: typeof gateway) =>
      (await readFile(`/proc/${child.pid}/maps`, "utf8")).includes("onnxruntime");
    expect(await holdsRuntime(gateway)).toBe(false);
    expect(await holdsRuntime(worker)).toBe(true);
    for (const { child } of [gateway, worker]) child.kill("SIGKILL");
  });

  it("loses no call when a worker is killed in the middle of a load", async () => {
    const [gateway, first] = await Promise.all([role("gateway"), role("worker"), role("worker")]);
    const client = new translation.TranslationServiceClient(
      `127.0.0.1:${gateway.grpcPort}`,
      credentials.createInsecure(),
    );
    const options = { beamSize: 2, maxLength: 20 };
    const request = { sourceLanguage: "ja", targetLanguage: "en", options };
    const deadline = Date.now() + 60_000;
    let answered = 0;
    const translate = (text: string) =>
      new Promise<string>((resolve, reject) => {
        const message = translation.TranslateRequest.fromPartial({ ...request, texts: [text] });
        client.translate(message, new Metadata(), { deadline }, (error, answer) => {
          if (error) return reject(error);
          answered++;
          if (answered === 200) first.child.kill("SIGKILL");
          resolve(answer.translations[0]!.hypotheses[0]!.text);
        });
      });
    const texts = Array.from(
      { length: 1000 },
      (_, k) => ["彼は医者です。", "これは本です。", "それは何ですか。"][k % 3]!,
    );
    const answers = await Promise.all(texts.map(translate));
    expect(first.child.killed).toBe(true);
    // equal texts have equal answers, whichever worker gave them
    expect(new Set(answers).size).toBe(new Set(answers.slice(0, 3)).size);
    answers.forEach((answer, k) => void expect(answer).toBe(answers[k % 3]));
    client.close();
  });

  it("drains on SIGTERM and exits with 0", async () => {
    const { child } = await role("worker");
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });
});

describe("the command line", () => {
  const translationBundle = join(models, "v1-tiny-translation");
  const generationBundle = join(models, "v1-tiny-generation");

  it("translates line by line; an empty line gives an empty line", async () => {
    const { stdout, code } = await carousel(
      ["translate", "--model", translationBundle, "--max-length", "10"],
      "彼は医者です。\n\nこれは本です。\n",
    );
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(lines).toHaveLength(4);
    expect([lines[1], lines[3]]).toEqual(["", ""]);
  });

  it("generates the same for a seed, and scores text", async () => {
    const args = ["generate", "--model", generationBundle, "--prompt", "He", "--max-tokens", "20", "--seed", "3"];
    const [one, two] = await Promise.all([carousel(args), carousel(args)]);
    expect(one.stdout).toMatch(/^He./);
    expect(two.stdout).toBe(one.stdout);
    const { stdout } = await carousel(["score", "--model", generationBundle, "--json"], "He is a doctor.\n");
    const { total } = JSON.parse(stdout);
    expect(total.tokens).toBe(15);
    expect(total.bitsPerCharacter).toBeCloseTo(-total.logProbability / Math.LN2 / 15, 5);
  });

  it("scores an empty target, and names the line that is too long", async () => {
    const score = (input: string) => carousel(["score", "--model", translationBundle], input);
    expect((await score("犬\t\n")).stdout).toMatch(/^log.*\n(-[\d.]+\t[\d.]+\t-\n){2}$/);
    const { code, stderr } = await score(`犬\tdog\n犬\t${"dog ".repeat(300)}\n`);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^carousel: line 2: target has \d+ tokens; the limit of/),
    ]);
  });

  it("evaluates and verifies", async () => {
    const reference = join(jobsFolder, "reference.txt");
    const { writeFile } = await import("node:fs/promises");
    await writeFile(reference, "He is a doctor.\n");
    const source = join(jobsFolder, "source.txt");
    await writeFile(source, "彼は医者です。\n");
    const evaluated = await carousel([
      "evaluate",
      "--model",
      translationBundle,
      "--source",
      source,
      "--reference",
      reference,
      "--json",
    ]);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({
      sentences: 1,
      bleu: { signature: expect.stringContaining("tok:13a") },
    });
    for (const bundle of [translationBundle, generationBundle]) {
      expect(await carousel(["models", "verify", bundle])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("files whole"),
      });
    }
  });

  it("ends with one clear line when something is wrong", async () => {
    const cases: [string[], string][] = [
      [["translate", "--model", "nowhere"], "there is no model bundle nowhere; there are "],
      [["translate", "--model", translationBundle, "--beam", "99"], "a whole number from 1 to 16 is expected"],
      [["translate", "--model", translationBundle, "--device", "gpu"], "Allowed choices are cpu, cuda"],
      [["train", "nowhere.yaml"], "cannot read the recipe nowhere.yaml"],
      [
        ["evaluate", "--model", translationBundle, "--source", "nowhere", "--reference", "nowhere"],
        "no such file: nowhere",
      ],
      [["gateway"], "this role needs Redis"],
      [["serve", "--models", "nowhere"], "there is no folder of models nowhere"],
    ];
    for (const [args, message] of cases) {
      const { code, stderr, stdout } = await carousel(args);
      expect(code).not.toBe(0);
      expect(stderr).toContain(message);
      expect(stdout).toBe("");
    }
  });

  it("has help with an example for every verb", async () => {
    const source = await readFile(join(repository, "cli", "src", "commands.ts"), "utf8");
    const verbs = [...source.matchAll(/name: "([a-z-]+)"/g)].map(([, name]) => name!);
    expect(verbs).toHaveLength(21);
    const helps = await Promise.all(verbs.map((verb) => carousel([verb, "--help"])));
    for (const { stdout } of helps) expect(stdout).toMatch(/Examples?:|Commands:/);
  });

  let jobsFolder: string;
  beforeAll(async () => {
    jobsFolder = await mkdtemp(join(tmpdir(), "carousel-cli-"));
  });
  afterAll(() => rm(jobsFolder, { recursive: true }));
});
