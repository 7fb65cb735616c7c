import { z } from "zod";

/** What is written; formats 1 to 3, whose graphs take fewer inputs, are read for ever (docs/model-bundle.md). */
export const FORMAT_VERSION = 4;
export const READABLE_VERSIONS: readonly unknown[] = [1, 2, 3, FORMAT_VERSION];

/** By which a manifest is known from other files of its name. */
export const SCHEMA = "carousel.bundle";

const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "must be a plain file name inside the bundle");
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits");
const id = z.int().min(0);
const count = z.int().min(1);

const tensor = z.strictObject({
  name: z.string().min(1),
  dtype: z.literal("float32"),
  shape: z.array(z.union([count, z.enum(["sentence", "source", "row"])])).min(1),
});

const common = {
  schema: z.literal(SCHEMA),
  formatVersion: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(FORMAT_VERSION)]),
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "must be of a-z, 0-9, '.', '_', '-', at most 64 characters"),
  version: z.string().regex(/^[0-9a-f]{16}$/, "must be 16 hexadecimal digits"),
  architecture: z.record(z.string(), z.unknown()),
  special: z.strictObject({ pad: id, unk: id, bos: id, eos: id }),
  state: z.array(tensor).min(1),
  metrics: z.record(z.string(), z.unknown()),
  files: z.record(fileName, z.strictObject({ bytes: z.int().min(0), sha256 })),
};

/** How the confidence in a translation follows from what is known of it; docs/search.md. */
const calibration = z.strictObject({
  /** What is expected, 0 to 1. */
  measure: z.literal("chrF2"),
  bias: z.number(),
  weights: z.strictObject({
    meanLogProbability: z.number(),
    geometricMean: z.number(),
    leastLogProbability: z.number(),
    logLength: z.number(),
    omission: z.number(),
    repetition: z.number(),
    unended: z.number(),
  }),
  lines: count,
  beam: count,
  /** Mean distance of expected from found, on lines that the fit had not seen. */
  error: z.number(),
});

/** How translations are searched for where a request does not say. */
const search = z.strictObject({
  /** GNMT's α. */
  lengthPenalty: z.number().min(0).max(10),
});

const translation = z.strictObject({
  ...common,
  calibration: calibration.optional(),
  search: search.optional(),
  task: z.literal("translation"),
  languages: z.strictObject({ source: z.string().min(2), target: z.string().min(2) }),
  tokenizer: z.strictObject({ source: fileName, target: fileName }),
  vocabulary: z.strictObject({ source: count, target: count }),
  graphs: z.strictObject({ encoder: fileName, decoder: fileName }),
  /** A lexicon, where the graph that chooses the tokens can be held to some of the vocabulary. */
  shortlist: fileName.optional(),
  /** A filter of the words that were seen in training, on the side of the source. */
  words: fileName.optional(),
  memory: z.array(tensor).min(1),
  limits: z.strictObject({ source: count, target: count }),
});

const generation = z.strictObject({
  ...common,
  task: z.literal("generation"),
  languages: z.strictObject({ target: z.string().min(2) }),
  tokenizer: z.strictObject({ target: fileName }),
  vocabulary: z.strictObject({ target: count }),
  graphs: z.strictObject({ decoder: fileName }),
  memory: z.array(tensor).length(0),
  limits: z.strictObject({ target: count }),
});

/** manifest.json; docs/model-bundle.md says what each key means. */
export const manifestSchema = z.discriminatedUnion("task", [translation, generation]);

export type Manifest = z.infer<typeof manifestSchema>;
export type TranslationManifest = z.infer<typeof translation>;
export type GenerationManifest = z.infer<typeof generation>;
export type Calibration = z.infer<typeof calibration>;
export type BundleSearch = z.infer<typeof search>;
export type TensorSpec = z.infer<typeof tensor>;
type Computed = "schema" | "formatVersion" | "version" | "files";
/** What the writer of a bundle says; the rest is computed. The format is the newest unless it says another. */
export type NewManifest = { readonly formatVersion?: Manifest["formatVersion"] } & (
  | Omit<TranslationManifest, Computed>
  | Omit<GenerationManifest, Computed>
);

/** The files that a manifest names. */
export function namedFiles(
  manifest: Pick<Manifest, "graphs" | "tokenizer"> & Partial<Pick<TranslationManifest, "shortlist" | "words">>,
): string[] {
  const { graphs, tokenizer, shortlist, words } = manifest;
  const optional = [shortlist, words].filter((file) => file !== undefined);
  return [...Object.values(graphs), ...Object.values(tokenizer), ...optional];
}
