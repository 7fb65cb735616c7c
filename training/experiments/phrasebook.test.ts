import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readLines } from "@carousel/training/data/text";
import { expect, it } from "vitest";
import { formsOf } from "./nouns.js";

const script = fileURLToPath(new URL("./phrasebook.js", import.meta.url));

async function written(book: "phrases" | "vocabulary" | "numbers", tested: string) {
  const folder = await mkdtemp(join(tmpdir(), "carousel-phrasebook-"));
  await writeFile(join(folder, "test.fr"), `${tested}\n`);
  await promisify(execFile)(process.execPath, [
    script,
    ...["--book", book, "--source", "ja", "--without", join(folder, "test.fr"), "--output", folder],
  ]);
  const [en, fr, ja] = await Promise.all(["en", "fr", "ja"].map((l) => readLines(join(folder, `${book}.${l}`))));
  await rm(folder, { recursive: true });
  return { en: en!, fr: fr!, ja: ja! };
}

it.each([
  {
    book: "phrases",
    least: 1000,
    tested: "À vendredi.",
    said: ["See you on Monday.", "À lundi.", "月曜日に会いましょう。"],
  },
  {
    book: "vocabulary",
    least: 4000,
    tested: "Où est le stade le plus proche ?",
    said: ["There are many ostriches here.", "Il y a beaucoup d'autruches ici.", "ここにはダチョウがたくさんいる。"],
  },
  {
    book: "numbers",
    least: 3000,
    tested: "20 erreurs",
    said: [
      "There were 11 people last year and 20 this year.",
      "Il y avait 11 personnes l'année dernière et 20 cette année.",
      "人は去年11人、今年は20人だった。",
    ],
  },
] as const)(
  "$book: fills every slot in three languages, leaves out what is tested, and says a source once",
  async ({ book, least, tested, said }) => {
    const { en, fr, ja } = await written(book, tested);
    expect(en.length).toBeGreaterThan(least);
    expect([fr.length, ja.length]).toEqual([en.length, en.length]);
    expect([...en, ...fr, ...ja].filter((line) => /[{}|/*]|^\s|\s$|^$/.test(line))).toEqual([]);
    expect(new Set(ja).size).toBe(ja.length);
    const at = en.indexOf(said[0]);
    expect([fr[at], ja[at]]).toEqual([said[1], said[2]]);
    expect(fr).not.toContain(tested);
  },
);

it.each([
  [
    { en: "hedgehog", fr: "un *hérisson", ja: "" },
    { a: "a hedgehog", ns: "hedgehogs", le: "le hérisson", ce: "ce hérisson", deNoms: "de hérissons" },
  ],
  [
    { en: "elevator", fr: "un ascenseur", ja: "" },
    {
      a: "an elevator",
      Le: "L'ascenseur",
      ce: "cet ascenseur",
      dUnNouveau: "d'un nouvel ascenseur",
      au: "à l'ascenseur",
    },
  ],
  [
    { en: "university/universities", fr: "une université", ja: "" },
    { a: "a university", mon: "mon université", sonNouveau: "sa nouvelle université", e: "e" },
  ],
  [
    { en: "fox/foxes", fr: "un cheval/chevaux", ja: "" },
    { ns: "foxes", les: "les chevaux", de: "de cheval" },
  ],
  [
    { en: "oil", fr: "de la huile", ja: "" },
    { du: "de l'huile", bon: "bonne", le: "l'huile" },
  ],
])("forms of %o", (noun, forms) => {
  expect(formsOf(noun)).toMatchObject(forms);
});

it("wants an article", () => {
  expect(() => formsOf({ en: "dog", fr: "chien", ja: "犬" })).toThrow('"chien" begins with un, une, du or de la');
});
