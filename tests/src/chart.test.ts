import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { chart, chartHash } from "./chart-hash.js";
import { repository } from "./repository.js";

interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec?: { template?: { spec?: PodSpec }; replicas?: unknown };
}
interface PodSpec {
  terminationGracePeriodSeconds?: number;
  securityContext: { runAsNonRoot: boolean };
  containers: {
    name: string;
    securityContext: { readOnlyRootFilesystem: boolean };
    resources: object;
    readinessProbe: object;
  }[];
}

const RENDERED = ["default", "gpu-keda", "external-redis"];
const rendered = (name: string) => readFileSync(join(repository, "tests", "fixtures", "k8s", `${name}.yaml`), "utf8");
const objectsOf = (yaml: string) =>
  parseAllDocuments(yaml)
    .map((d) => d.toJS() as KubernetesObject | null)
    .filter((o) => o !== null);

/** Checks an object against the OpenAPI schema of its kind. @throws Error naming the field */
async function validate(object: KubernetesObject): Promise<void> {
  const { apiVersion, kind } = object;
  const from = apiVersion.startsWith("keda.sh/") ? "@kubernetes-models/keda" : "kubernetes-models";
  const models = await import(`${from}/${apiVersion}/${kind}`);
  new models[kind](object).validate();
}

describe("the Helm chart", () => {
  it("has been rendered since it was changed (tests/oracles/render-chart.sh)", () => {
    const noted = readFileSync(join(repository, "tests", "fixtures", "k8s", "chart.sha256"), "utf8").trim();
    expect(chartHash()).toBe(noted);
  });

  for (const name of RENDERED) {
    it(`${name}: every object is valid for its kind`, async () => {
      const objects = objectsOf(rendered(name));
      expect(objects.length).toBeGreaterThan(8);
      for (const object of objects) await expect(validate(object)).resolves.toBeUndefined();
    });

    it(`${name}: containers are not root, read-only, with probes and resources, and have time to drain`, () => {
      const pods = objectsOf(rendered(name)).flatMap((o) => o.spec?.template?.spec ?? []);
      expect(pods.length).toBeGreaterThanOrEqual(2);
      for (const pod of pods) {
        expect(pod.securityContext.runAsNonRoot).toBe(true);
        for (const container of pod.containers) {
          expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
          expect(container.resources).toHaveProperty("requests");
          expect(container.readinessProbe).toBeDefined();
          if (container.name !== "redis") expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(25 + 5);
        }
      }
    });
  }

  it("scales workers by KEDA where it is asked for", () => {
    const scaled = objectsOf(rendered("gpu-keda")).find((o) => o.kind === "ScaledObject");
    expect(scaled).toBeDefined();
    const worker = objectsOf(rendered("gpu-keda")).find(
      (o) => o.metadata.name === "carousel-worker" && o.kind === "Deployment",
    );
    expect(worker!.spec!.replicas).toBeUndefined();
  });

  it("refuses an object that is not valid (the control of the checks above)", async () => {
    const object = objectsOf(rendered("default")).find((o) => o.kind === "Deployment")!;
    await expect(validate({ ...object, spec: { ...object.spec, replicas: "two" } })).rejects.toThrow("replicas");
  });

  it("has values that fit its schema, and a schema that refuses others", () => {
    const schema = JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8"));
    delete schema.$schema;
    const fits = new Ajv({ strict: false }).compile(schema);
    expect(fits(parse(readFileSync(join(chart, "values.yaml"), "utf8")))).toBe(true);
    expect(fits(parse(readFileSync(join(chart, "values-gpu.yaml"), "utf8")))).toBe(true);
    expect(fits({ worker: { replica: 3 } })).toBe(false);
    expect(fits({ worker: { device: "tpu" } })).toBe(false);
    expect(fits({ redis: { externalUrl: "http://x" } })).toBe(false);
  });

  it("renders to what is kept, where helm is on PATH", () => {
    let output: string;
    try {
      output = execFileSync(
        "helm",
        ["template", "carousel", chart, "--namespace", "carousel", "--kube-version", "1.31.0"],
        { encoding: "utf8" },
      );
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe("ENOENT");
      return;
    }
    expect(objectsOf(output)).toEqual(objectsOf(rendered("default")));
  });
});
