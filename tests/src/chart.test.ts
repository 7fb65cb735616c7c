import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_KEYS, type ConfigInput, environmentName, loadConfig } from "@carousel/server";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { chart, chartHash } from "./chart-hash.js";
import { repository } from "./repository.js";

interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; annotations?: Record<string, string> };
  data?: Record<string, string>;
  stringData?: Record<string, string>;
  spec?: {
    template?: { metadata?: { annotations?: Record<string, string> }; spec?: PodSpec };
    replicas?: unknown;
    strategy?: { type: string };
    triggers?: { type: string }[];
    podSelector?: { matchLabels: Record<string, string> };
  };
}
interface PodSpec {
  terminationGracePeriodSeconds?: number;
  automountServiceAccountToken: boolean;
  serviceAccountName?: string;
  imagePullSecrets?: { name: string }[];
  securityContext: { runAsNonRoot: boolean };
  containers: Container[];
}
interface Container {
  name: string;
  args?: string[];
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[];
  envFrom?: ({ configMapRef: { name: string } } | { secretRef: { name: string } })[];
  volumeMounts: { name: string; mountPath: string }[];
  securityContext: { readOnlyRootFilesystem: boolean };
  resources: object;
  readinessProbe: object;
}

const RENDERED = ["default", "gpu-keda", "external-redis", "everything"];
const rendered = (name: string) => readFileSync(join(repository, "tests", "fixtures", "k8s", `${name}.yaml`), "utf8");
/** As Kubernetes reads YAML: by version 1.1, in which N is false. */
const objectsOf = (yaml: string) =>
  parseAllDocuments(yaml, { version: "1.1" })
    .map((d) => d.toJS() as KubernetesObject | null)
    .filter((o) => o !== null);

/** Settings that the chart leaves alone, and why. */
const LEFT_OUT: ConfigInput = {
  host: "a pod listens on all its addresses",
  glossaries: "they are in Redis",
};

const container = (objects: readonly KubernetesObject[], role: "gateway" | "worker" | "redis") =>
  objects.flatMap((o) => o.spec?.template?.spec?.containers ?? []).find(({ name }) => name === role)!;

const deployment = (name: string, role: "gateway" | "worker") =>
  objectsOf(rendered(name)).find((o) => o.kind === "Deployment" && o.metadata.name === `carousel-${role}`)!;

/** What a role reads: its flags, and its environment, in which a name stands for what is in a Secret of somebody else. */
function settingsOf(objects: readonly KubernetesObject[], role: "gateway" | "worker") {
  const { args = [], env = [], envFrom = [] } = container(objects, role);
  const environment: Record<string, string> = {};
  for (const from of envFrom) {
    if ("configMapRef" in from) {
      const map = objects.find((o) => o.kind === "ConfigMap" && o.metadata.name === from.configMapRef.name);
      Object.assign(environment, map!.data);
    }
  }
  for (const { name, value, valueFrom } of env) {
    const { name: secret, key } = valueFrom?.secretKeyRef ?? { name: "", key: "" };
    const own = objects.find((o) => o.kind === "Secret" && o.metadata.name === secret);
    environment[name] = value ?? own?.stringData?.[key] ?? `${secret}/${key}`;
  }
  const flags: Record<string, string> = {};
  for (let k = 1; k < args.length; k += 2) {
    flags[args[k]!.slice(2).replace(/-[a-z]/g, (c) => c[1]!.toUpperCase())] = args[k + 1]!;
  }
  return { flags, environment };
}

/** Checks an object against the OpenAPI schema of its kind. @throws Error naming the field */
async function validate(object: KubernetesObject): Promise<void> {
  const { apiVersion, kind } = object;
  const from = apiVersion.startsWith("keda.sh/") ? "@kubernetes-models/keda" : "kubernetes-models";
  const models = await import(`${from}/${apiVersion}/${kind}`);
  new models[kind](object).validate();
}

/** Whether values fit the chart's schema. */
const fits = (() => {
  const schema = JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8"));
  delete schema.$schema;
  return new Ajv({ strict: false }).compile(schema);
})();

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
        expect(pod.automountServiceAccountToken).toBe(false);
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
    expect(deployment("gpu-keda", "worker").spec!.replicas).toBeUndefined();
  });

  it("keeps workers on CPUs that are busy though nothing waits, and one at least: none would ever be asked for", () => {
    const triggersOf = (name: string) =>
      objectsOf(rendered(name))
        .find((o) => o.kind === "ScaledObject")!
        .spec!.triggers!.map(({ type }) => type);
    expect(triggersOf("external-redis")).toEqual(["metrics-api", "cpu"]);
    expect(triggersOf("gpu-keda")).toEqual(["metrics-api"]);
    expect(fits({ worker: { keda: { minReplicas: 0 } } })).toBe(false);
  });

  it("replaces gateways and workers when they are given another Redis", () => {
    for (const role of ["gateway", "worker"] as const) {
      const [own, other] = ["default", "external-redis"].map((name) => {
        return deployment(name, role).spec!.template!.metadata!.annotations!["checksum/redis"];
      });
      expect(own).toMatch(/^[0-9a-f]{64}$/);
      expect(other).not.toBe(own);
    }
  });

  it("lets a gateway go before the next takes a volume that one node can have", () => {
    const strategyOf = (name: string) => deployment(name, "gateway").spec!.strategy;
    expect(strategyOf("gpu-keda")).toEqual({ type: "Recreate" });
    expect(strategyOf("default")).toBeUndefined();
  });

  it("shields its Redis, which refuses what it has no memory for, and keeps the volume of jobs", () => {
    const objects = objectsOf(rendered("default"));
    const { matchLabels } = objects.find((o) => o.kind === "NetworkPolicy")!.spec!.podSelector!;
    expect(matchLabels["app.kubernetes.io/component"]).toBe("redis");
    const { args, resources } = container(objects, "redis");
    expect(args!.join(" ")).toContain("--maxmemory 384mb --maxmemory-policy noeviction");
    expect(resources).toMatchObject({ limits: { memory: "512Mi" } });
    const volume = objects.find((o) => o.kind === "PersistentVolumeClaim")!;
    expect(volume.metadata.annotations).toEqual({ "helm.sh/resource-policy": "keep" });
  });

  it("can set every key of the configuration, but for those that it leaves alone", () => {
    const objects = objectsOf(rendered("everything"));
    const set = (["gateway", "worker"] as const).map((role) => settingsOf(objects, role));
    const isSet = (key: string) =>
      set.some(({ flags, environment }) => key in flags || environmentName(key) in environment) ||
      (key === "redis" && set.every(({ environment }) => "REDIS_URL" in environment));
    const missing = CONFIG_KEYS.filter((key) => !(key in LEFT_OUT) && !isSet(key));
    expect(missing, "set them in k8s/carousel, or say in LEFT_OUT why not").toEqual([]);
    expect(Object.keys(LEFT_OUT).filter(isSet)).toEqual([]);
  });

  it("says the server's defaults where nothing is set", () => {
    const objects = objectsOf(rendered("default"));
    const { flags, environment } = settingsOf(objects, "gateway");
    const own = { redis: "redis://carousel-redis:6379", jobs: "/jobs" };
    expect(loadConfig(flags, environment)).toEqual(loadConfig(own, {}));
    const worker = settingsOf(objects, "worker");
    expect(loadConfig(worker.flags, worker.environment)).toEqual(loadConfig({ ...own, intraOpThreads: 2 }, {}));
  });

  it("sets what its values say", () => {
    const objects = objectsOf(rendered("everything"));
    const { flags, environment } = settingsOf(objects, "gateway");
    expect(loadConfig(flags, environment)).toMatchObject({
      redis: "rediss-sentinel://a,b/main?ca=/redis-tls/ca.crt",
      grpcPort: 1234,
      httpPort: 1235,
      graceSeconds: 40,
      logLevel: "debug",
      maxQueued: 500,
      maxWaitSeconds: 3,
      adminPort: 50052,
      adminHost: "0.0.0.0",
      adminToken: "admin/token",
      apiKeys: "/api-keys/keys.yaml",
      cache: "redis",
      cacheMegabytes: 32,
      cacheSeconds: 600,
      jobs: "s3://jobs/carousel?endpoint=https://s3.example",
      jobsKeptDays: 7,
      documents: ["s3://in", "s3://out/translated"],
      documentMegabytes: 128,
      webhookNetworks: ["10.0.0.0/8", "192.168.1.7"],
    });
    const worker = settingsOf(objects, "worker");
    expect(loadConfig(worker.flags, worker.environment)).toMatchObject({
      device: "cuda",
      engineThreads: 2,
      intraOpThreads: 3,
      models: "/models",
      watchModelsSeconds: 15,
    });
    const { envFrom, volumeMounts } = container(objects, "gateway");
    expect(envFrom).toContainEqual({ secretRef: { name: "s3" } });
    expect(volumeMounts.map(({ mountPath }) => mountPath)).toEqual(["/tmp", "/redis-tls", "/api-keys"]);
    expect(container(objects, "worker").volumeMounts.map(({ mountPath }) => mountPath)).toEqual([
      "/tmp",
      "/redis-tls",
      "/models",
    ]);
    const pods = objects.flatMap((o) => o.spec?.template?.spec ?? []);
    expect(pods.map((pod) => pod.imagePullSecrets)).toEqual(pods.map(() => [{ name: "registry" }]));
    expect(pods.map((pod) => pod.serviceAccountName)).toEqual(["buckets", undefined]);
    const keys = objects.find((o) => o.metadata.name === "carousel-api-keys")!.stringData!["keys.yaml"]!;
    expect(parse(keys)).toMatchObject({ keys: [{ name: "website", weight: 4 }], anonymous: 1 });
    expect(objects.filter((o) => o.kind === "PersistentVolumeClaim")).toEqual([]);
  });

  it("refuses an object that is not valid (the control of the checks above)", async () => {
    const object = objectsOf(rendered("default")).find((o) => o.kind === "Deployment")!;
    await expect(validate({ ...object, spec: { ...object.spec, replicas: "two" } })).rejects.toThrow("replicas");
  });

  it("has values that fit its schema, and a schema that refuses others", () => {
    expect(fits(parse(readFileSync(join(chart, "values.yaml"), "utf8")))).toBe(true);
    expect(fits(parse(readFileSync(join(chart, "values-gpu.yaml"), "utf8")))).toBe(true);
    expect(fits(parse(rendered("everything.values")))).toBe(true);
    expect(fits({ jobs: { documents: ["/folder"] } })).toBe(false);
    expect(fits({ jobs: { s3: "folder" } })).toBe(false);
    expect(fits({ cache: { where: "disk" } })).toBe(false);
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
