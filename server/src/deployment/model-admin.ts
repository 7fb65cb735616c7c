import { setTimeout as sleep } from "node:timers/promises";
import { CarouselError, invalid } from "../errors.js";
import type { QueueClient, RefusedBundle, ServedModel, WorkerState } from "../queue/port.js";
import { servedModels } from "../queue/served-models.js";
import { chooseVersion } from "./choose-version.js";
import {
  type Deployment,
  type DeploymentStore,
  type Deployments,
  decided,
  deploymentOf,
  lookedAtAgain,
  type Weights,
  weightOf,
} from "./deployments.js";
import { modelReference } from "./model-reference.js";

const LOOK_MS = 100;

export interface VersionView {
  readonly name: string;
  readonly version: string;
  /** That serve it. */
  readonly workers: number;
  /** Part of the requests by name that it gets, 0 to 1. */
  readonly share: number;
  /** It was unloaded by a call. */
  readonly unloaded: boolean;
}

export interface FleetView {
  readonly workers: number;
  readonly models: readonly VersionView[];
  readonly refused: readonly (RefusedBundle & { readonly workers: number })[];
  /** Whether all workers have done all that was decided. */
  readonly settled: boolean;
}

/** When a call must have its answer, milliseconds since the epoch. */
interface Until {
  readonly deadline: number;
}

/** Changes what workers serve and who gets it: writes down what is decided, and waits until all workers have done it. */
export class ModelAdmin {
  constructor(
    private readonly queue: Pick<QueueClient, "workers">,
    private readonly deployments: DeploymentStore,
  ) {}

  async fleet(): Promise<FleetView> {
    const [workers, now] = await Promise.all([this.queue.workers(), this.deployments.read()]);
    return {
      workers: workers.length,
      models: [...served(workers, now), ...unloaded(now)],
      refused: refused(workers),
      settled: isSettled(workers, now),
    };
  }

  /** Looks for bundles again; those that were unloaded come back. @throws CarouselError NOT_FOUND when a model is named that did not come */
  async load({ model, deadline }: Until & { model: string }): Promise<FleetView> {
    const { name, version = "" } = modelReference(model);
    const fleet = await this.decide(deadline, (now) => {
      const names = name ? [name] : Object.keys(now.models);
      const forgotten = names.reduce((d, each) => {
        const kept = deploymentOf(d, each).unloaded.filter((v) => !v.startsWith(version));
        return kept.length === deploymentOf(d, each).unloaded.length ? d : decided(d, each, { unloaded: kept });
      }, now);
      return lookedAtAgain(forgotten);
    });
    const is = (m: VersionView) => m.name === name && m.version.startsWith(version) && m.workers > 0;
    if (!name || fleet.models.some(is)) return fleet;
    const reasons = fleet.refused.map(({ folder, reason }) => `; ${folder}: ${reason}`).join("");
    throw new CarouselError("NOT_FOUND", `no worker has a bundle of ${model} that it can serve${reasons}`);
  }

  /** @throws CarouselError NOT_FOUND, FAILED_PRECONDITION where it gets requests that others are there for */
  async unload({ model, deadline }: Until & { model: string }): Promise<FleetView> {
    const { name, version } = modelReference(model);
    const versions = await this.versionsOf(name);
    const gone = version ? [theOne(versions, name, version)] : versions;
    return this.decide(deadline, (now) => {
      const { weights, unloaded } = deploymentOf(now, name);
      const shares = sharesOf(versions, weights);
      const busy = gone.find((v) => shares.get(v)! > 0);
      if (busy && gone.length < versions.length) {
        const first = `carousel models weight ${name} VERSION=1`;
        const message = `${name}@${busy.version} gets requests: give them to another version first (${first})`;
        throw new CarouselError("FAILED_PRECONDITION", message);
      }
      return decided(now, name, { unloaded: [...new Set([...unloaded, ...gone.map((v) => v.version)])] });
    });
  }

  /** @throws CarouselError NOT_FOUND */
  async reload({ model, deadline }: Until & { model: string }): Promise<FleetView> {
    if (model) await this.versionsOf(model);
    const names = model ? [model] : [...new Set((await this.models()).map(({ name }) => name))];
    return this.decide(deadline, (now) => {
      const reloadedAt = now.revision + 1;
      const reloaded = names.reduce((d, name) => decided(d, name, { reloadedAt }), now);
      return { ...reloaded, revision: reloadedAt };
    });
  }

  /** @throws CarouselError NOT_FOUND, INVALID_ARGUMENT naming the version and what is allowed */
  async setWeights(wish: Until & { model: string; weights: Weights }): Promise<FleetView> {
    const { model, deadline } = wish;
    const versions = await this.versionsOf(model);
    const weights: Record<string, number> = {};
    for (const [version, weight] of Object.entries(wish.weights)) {
      if (!(weight >= 0 && weight <= MOST_WEIGHT)) {
        invalid("weights", `give ${version} ${weight}; 0 to ${MOST_WEIGHT} is allowed`);
      }
      weights[theOne(versions, model, version).version] = weight;
    }
    if (weightOf(versions, weights) === 0) invalid("weights", "must give a version more than 0");
    return this.decide(deadline, (now) => {
      return decided(now, model, { weights, previous: inForce(deploymentOf(now, model), versions) });
    });
  }

  /** @throws CarouselError NOT_FOUND, FAILED_PRECONDITION where there is nothing to go back to */
  async rollBack({ model, deadline }: Until & { model: string }): Promise<FleetView> {
    const { previous } = deploymentOf(await this.deployments.read(), model);
    if (!previous) {
      await this.versionsOf(model);
      throw new CarouselError("FAILED_PRECONDITION", `the weights of ${model} were never changed`);
    }
    const wanted = Object.keys(previous).filter((version) => previous[version]! > 0);
    await this.decide(deadline, (now) => {
      const kept = deploymentOf(now, model).unloaded.filter((version) => !wanted.includes(version));
      return decided(now, model, { unloaded: kept });
    });
    const versions = await this.versionsOf(model);
    const missing = wanted.filter((version) => !versions.some((v) => v.version === version));
    if (missing.length > 0) {
      const which = missing.map((version) => `${model}@${version}`).join(", ");
      throw new CarouselError(
        "FAILED_PRECONDITION",
        `no worker has a bundle of ${which}: put it back into their folders`,
      );
    }
    return this.decide(deadline, (now) => {
      return decided(now, model, { weights: previous, previous: inForce(deploymentOf(now, model), versions) });
    });
  }

  private async decide(deadline: number, edit: (now: Deployments) => Deployments): Promise<FleetView> {
    const { revision } = await this.deployments.change(edit);
    while (Date.now() < deadline - 2 * LOOK_MS) {
      const workers = await this.queue.workers();
      if (workers.every((worker) => worker.revision >= revision)) break;
      await sleep(LOOK_MS);
    }
    return this.fleet();
  }

  private async models(): Promise<ServedModel[]> {
    return servedModels(await this.queue.workers());
  }

  private async versionsOf(model: string): Promise<ServedModel[]> {
    const models = await this.models();
    const found = models.filter(({ name }) => name === model);
    if (found.length > 0) return found;
    const names = [...new Set(models.map(({ name }) => name))].sort().join(", ") || "none";
    throw new CarouselError("NOT_FOUND", `there is no model ${model}; served: ${names}`);
  }
}

const MOST_WEIGHT = 1_000_000;

function theOne(versions: readonly ServedModel[], name: string, version: string): ServedModel {
  const found = versions.filter((v) => version !== "" && v.version.startsWith(version));
  if (found.length === 1) return found[0]!;
  const served = versions.map((v) => v.version).join(", ");
  throw new CarouselError("NOT_FOUND", `${JSON.stringify(version)} is no version of ${name}; served: ${served}`);
}

/** What chooseVersion does, as parts of 1. @param versions of one name, in the order of the catalog */
function sharesOf(versions: readonly ServedModel[], weights: Weights): Map<ServedModel, number> {
  const total = weightOf(versions, weights);
  const alone = chooseVersion(versions, {}, "");
  return new Map(
    versions.map((v) => [v, total > 0 ? (weights[v.version] ?? 0) / total : v === alone ? 1 : 0] as const),
  );
}

/** Weights that say what happens now. */
function inForce({ weights }: Deployment, versions: readonly ServedModel[]): Weights {
  return weightOf(versions, weights) > 0 ? weights : { [chooseVersion(versions, {}, "").version]: 1 };
}

function served(workers: readonly WorkerState[], now: Deployments): VersionView[] {
  const models = servedModels(workers);
  const names = [...new Set(models.map(({ name }) => name))].sort();
  return names.flatMap((name) => {
    const versions = models.filter((m) => m.name === name);
    const shares = sharesOf(versions, deploymentOf(now, name).weights);
    return versions.map((model) => ({
      name,
      version: model.version,
      workers: workers.filter((w) => w.models.some((m) => m.name === name && m.version === model.version)).length,
      share: shares.get(model)!,
      unloaded: false,
    }));
  });
}

function unloaded(now: Deployments): VersionView[] {
  return Object.entries(now.models).flatMap(([name, { unloaded }]) =>
    unloaded.map((version) => ({ name, version, workers: 0, share: 0, unloaded: true })),
  );
}

function refused(workers: readonly WorkerState[]): FleetView["refused"] {
  const found = new Map<string, RefusedBundle & { workers: number }>();
  for (const { folder, reason } of workers.flatMap((w) => w.refused)) {
    const key = `${folder}\n${reason}`;
    found.set(key, { folder, reason, workers: (found.get(key)?.workers ?? 0) + 1 });
  }
  return [...found.values()];
}

function isSettled(workers: readonly WorkerState[], now: Deployments): boolean {
  return workers.every(({ revision }) => revision >= now.revision);
}
