import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { repository } from "./repository.js";

export interface Import {
  /** Path of the importing file, from the root of the repository. */
  readonly from: string;
  /** A file of ours, by path; otherwise the name of a package. */
  readonly to: string;
  readonly kind: "value" | "type" | "dynamic";
}

export const PACKAGES = ["protos", "tokenizer", "bundle", "training", "server", "cli"];

/** Every import in the sources, tests left out. */
export function readImports(): Import[] {
  return PACKAGES.flatMap((name) =>
    readdirSync(join(repository, name, "src"), { recursive: true, withFileTypes: true })
      .filter((f) => f.isFile() && /\.ts$/.test(f.name) && !/\.test\.ts$|\.d\.ts$/.test(f.name))
      .map((f) => join(f.parentPath, f.name))
      .filter((path) => !/\/(gen|test-support)\//.test(path))
      .flatMap((path) => importsOf(relative(repository, path), readFileSync(path, "utf8"))),
  );
}

/** The imports of one file. Specifiers of our packages become paths: @carousel/server/local is server/src/local.ts. */
export function importsOf(from: string, source: string): Import[] {
  const found: Import[] = [];
  const statements = /^(?:import|export)\s+(type\s+)?[^;"']*?from\s+"([^"]+)"|^import\s+"([^"]+)"/gm;
  for (const [, type, named, bare] of source.matchAll(statements)) {
    found.push({ from, to: target(from, (named ?? bare)!), kind: type ? "type" : "value" });
  }
  for (const [, dynamic] of source.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g)) {
    found.push({ from, to: target(from, dynamic!), kind: "dynamic" });
  }
  return found;
}

function target(from: string, specifier: string): string {
  if (specifier.startsWith(".")) return join(dirname(from), specifier).replace(/\.js$/, ".ts");
  const ours = /^@carousel\/([a-z]+)(?:\/(.+))?$/.exec(specifier);
  return ours ? `${ours[1]}/src/${ours[2] ?? "index"}.ts` : specifier;
}

/** What each package may import of ours; the ladder goes down only. */
const LADDER: Readonly<Record<string, readonly string[]>> = {
  cli: ["training", "server", "tokenizer", "bundle", "protos"],
  training: ["tokenizer", "bundle"],
  server: ["tokenizer", "bundle", "protos"],
  tokenizer: [],
  bundle: [],
  protos: [],
};

/** What rooms must not see, as [of what, must not import, why]. */
const WALLS: readonly (readonly [RegExp, RegExp, string])[] = [
  [/^training\/src\/autodiff\//, /^training\/src\/(?!autodiff|onnx|random)/, "autodiff knows onnx only"],
  [/^training\/src\/cells\//, /autodiff/, "a cell never imports autodiff"],
  [/^training\/src\/onnx\//, /^training\/src\/(?!onnx)/, "onnx stands below everything"],
  [
    /^training\/src\/layers\//,
    /^training\/src\/(models|trainer|objectives|optimizers|export)\//,
    "layers are below models",
  ],
  [
    /^server\/src\/worker\//,
    /^server\/src\/(gateway|jobs|translation|generation)\//,
    "a worker knows segments, not calls",
  ],
  [/^server\/src\/(translation|generation|jobs)\//, /^server\/src\/worker\//, "calls reach workers by the queue"],
  [/^server\/src\/gateway\//, /^server\/src\/worker\//, "a gateway loads no model"],
  [
    /^server\/src\/(?!gateway\/grpc|bench\/load)/,
    /^protos\//,
    "protobuf types stay in the gateway, and with its callers",
  ],
];

/** Packages that are imported in one file only. */
const ONE_DOOR: readonly (readonly [string, RegExp, RegExp])[] = [
  ["bullmq", /^/, /^server\/src\/queue\/bullmq\.ts$/],
  ["@aws-sdk/client-s3", /^/, /^server\/src\/jobs\/s3-blob-store\.ts$/],
  ["onnxruntime-node", /^server\//, /^server\/src\/worker\/runtime\.ts$/],
  ["onnxruntime-node", /^training\//, /^training\/src\/onnx\/runtime\.ts$/],
];

/** One line for each import that breaks a rule. */
export function violations(imports: readonly Import[]): string[] {
  const broken: string[] = [];
  for (const { from, to } of imports) {
    const [own, other] = [from.split("/")[0]!, to.split("/")[0]!];
    if (own !== other && LADDER[other] && to.includes("/src/") && !LADDER[own]!.includes(other)) {
      broken.push(`${from} imports ${to}: ${own} may import ${LADDER[own]!.join(", ") || "nothing of ours"}`);
    }
    for (const [room, wall, why] of WALLS) {
      if (room.test(from) && wall.test(to)) broken.push(`${from} imports ${to}: ${why}`);
    }
    for (const [name, scope, door] of ONE_DOOR) {
      if (to === name && scope.test(from) && !door.test(from))
        broken.push(`${from} imports ${name}: only ${door.source} may`);
    }
  }
  return broken;
}

/** Files that import each other in a circle, as paths; imports of types alone load nothing and do not count. */
export function cycles(imports: readonly Import[]): string[] {
  const edges = new Map<string, string[]>();
  for (const { from, to, kind } of imports)
    if (to.endsWith(".ts") && kind !== "type") edges.set(from, [...(edges.get(from) ?? []), to]);
  const state = new Map<string, "open" | "done">();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      found.push([...path.slice(path.indexOf(file)), file].join(" → "));
      return;
    }
    state.set(file, "open");
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, "done");
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}

/** All files that importing a file loads, dynamic imports and types left out. */
export function loadedBy(file: string, imports: readonly Import[]): Set<string> {
  const loaded = new Set<string>();
  const visit = (at: string) => {
    if (loaded.has(at)) return;
    loaded.add(at);
    for (const { from, to, kind } of imports) if (from === at && kind === "value") visit(to);
  };
  visit(file);
  return loaded;
}
