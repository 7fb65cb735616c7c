import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const TRANSLATION = path("tests/fixtures/bundles-v2/v2-tiny-translation");
const GENERATION = path("tests/fixtures/bundles-v2/v2-tiny-generation");
const FOLDER = path("tests/fixtures");

/** What a command writes that can do nothing with what it is given. */
function failing(args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [path("cli/dist/main.js"), ...args], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
    child.stdin!.end("a\n");
  });
}

test.each<[string, string[], string | RegExp]>([
  [
    "a bundle whose name is not quite right",
    ["models", "show", "tatoeba_enfr"],
    "there is no model bundle tatoeba_enfr; did you mean tatoeba-en-fr?",
  ],
  [
    "alignments of lines",
    ["translate", "--model", TRANSLATION, "--alignments"],
    "--alignments are in the JSON: add --json; --pharaoh writes hard ones behind each line",
  ],
  [
    "a bundle that nobody knows",
    ["translate", "--model", "nothing"],
    /^there is no model bundle nothing; there are float\/tatoeba-en-fr, .*shakespeare, .*; or give a folder$/,
  ],
  [
    "a folder that is no bundle",
    ["translate", "--model", FOLDER],
    `${FOLDER} is not a model bundle: it has no manifest.json`,
  ],
  [
    "a bundle for something else",
    ["generate", "--model", TRANSLATION, "--prompt", "a"],
    "model is v2-tiny-translation, a translation model; it must be a generation model",
  ],
  [
    "the same the other way round",
    ["translate", "--model", GENERATION],
    "model is v2-tiny-generation, a generation model; it must be a translation model",
  ],
  [
    "an option that does not go with another, by its flag",
    ["translate", "--model", TRANSLATION, "--beam", "2", "--temperature", "1"],
    "--beam is 2; with a temperature above 0 it must be 1",
  ],
  [
    "a folder for a file",
    ["translate", "--model", TRANSLATION, "--terms", FOLDER],
    `cannot read ${FOLDER}: it is a folder`,
  ],
  ["a recipe that is not there", ["train", "no.yaml"], "cannot read the recipe no.yaml: there is no such file"],
])("a command says what is wrong with %s", async (_, args, message) => {
  const { code, stdout, stderr } = await failing(args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  const said = /^carousel: (.*)\n$/.exec(stderr)?.[1];
  expect(said).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
});
