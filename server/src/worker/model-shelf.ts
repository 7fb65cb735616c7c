import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { type DeploymentStore, type Deployments, decided, deploymentOf, weightOf } from "../deployment/deployments.js";
import { CarouselError } from "../errors.js";
import type { EngineOptions } from "./create-engine.js";
import { EnginePool, PooledEngine } from "./engine-pool.js";
import { copiesOf, type FoundBundle, findBundles, fingerprintOf } from "./found-bundles.js";
import { openBundle } from "./open-bundle.js";

/** What was decided is looked up so often. */
const FOLLOW_MS = 100;
/** Who puts a bundle in the place of another is done with it within so long. */
const REPLACED_MS = 500;

export type ShelfChange = "loaded" | "unloaded" | "refused";

export interface ShelfOptions extends EngineOptions {
  readonly modelsFolder: string;
  readonly deployments: DeploymentStore;
  readonly log: Logger;
  readonly onChange: (change: ShelfChange) => void;
  /** Milliseconds between two looks at the folder. Absent: it is looked at when something was decided only. */
  readonly watchMs?: number;
}

interface Held {
  readonly folder: string;
  readonly fingerprint: string;
  readonly engine: PooledEngine;
  /** The revision of the decisions when it was opened. */
  readonly revision: number;
}

/** Why a folder was refused, with what it held and at which revision: until one of them changes it is not tried again. */
interface Flaw {
  readonly fingerprint: string;
  readonly revision: number;
  readonly reason: string;
}

/**
 * Serves what lies in a folder of bundles, but for what was decided against. A bundle that changes gets a new engine, with
 * threads of its own, before the old one leaves; the old one first finishes what it has. A bundle that is not whole is
 * refused, and what was served from its folder goes on.
 */
export class ModelShelf {
  readonly pool = new EnginePool();
  private held: readonly Held[] = [];
  private flaws: ReadonlyMap<string, Flaw> = new Map();
  private looking: Promise<void> = Promise.resolve();
  private state: "at rest" | "about to look" = "at rest";
  private readonly timers: NodeJS.Timeout[] = [];
  private announce: () => Promise<void> = async () => {};

  private constructor(private readonly options: ShelfOptions) {}

  /** Opens all bundles. @throws CarouselError FAILED_PRECONDITION naming what does not load */
  static async open(options: ShelfOptions): Promise<ModelShelf> {
    const shelf = new ModelShelf(options);
    await shelf.arrange(await findBundles(options.modelsFolder), await options.deployments.read());
    const [flaw] = shelf.pool.refused;
    if (!flaw) {
      if (shelf.held.length === 0) options.log.warn({ folder: options.modelsFolder }, "no model is served");
      return shelf;
    }
    await shelf.pool.close();
    throw new CarouselError("FAILED_PRECONDITION", flaw.reason);
  }

  /** Follows the folder and the decisions from now on. @param announce QueueWorker.announce */
  follow(announce: () => Promise<void>): void {
    this.announce = announce;
    const { watchMs } = this.options;
    this.timers.push(setInterval(() => this.look("when decided"), FOLLOW_MS));
    if (watchMs) this.timers.push(setInterval(() => this.look("in any case"), watchMs));
  }

  /** Stops following, and ends the engines. */
  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.looking;
    await this.pool.close();
  }

  private look(when: "in any case" | "when decided"): void {
    if (this.state === "about to look") return;
    this.state = "about to look";
    this.looking = this.looking
      .then(async () => {
        this.state = "at rest";
        const deployments = await this.options.deployments.read();
        if (when === "when decided" && deployments.revision === this.pool.revision) return;
        await this.arrange(await this.find(), deployments);
      })
      .catch((error) => this.options.log.error({ err: error }, "the folder of models cannot be followed"));
  }

  /** What lies in the folder: once more where something is missing, which may have been renamed away a moment ago. */
  private async find(): Promise<FoundBundle[]> {
    const { modelsFolder } = this.options;
    const found = await findBundles(modelsFolder);
    if (this.held.every(({ folder }) => found.some((bundle) => bundle.folder === folder))) return found;
    await sleep(REPLACED_MS);
    return findBundles(modelsFolder);
  }

  private async arrange(found: readonly FoundBundle[], deployments: Deployments): Promise<void> {
    const { pool } = this;
    const flaws = new Map<string, Flaw>();
    const next = await this.next(found, deployments, flaws);
    const [come, left] = [without(next, this.held), without(this.held, next)];
    await this.keepIncumbents(next).catch(async (error) => {
      await Promise.all(come.map(({ engine }) => engine.end()));
      throw error;
    });
    this.held = next;
    this.flaws = flaws;
    pool.refused = Array.from(flaws, ([folder, { reason }]) => ({ folder, reason }));
    pool.revision = deployments.revision;
    pool.serve(next.map(({ engine }) => engine));
    for (const held of come) this.tell("loaded", held);
    // what comes for them although they could not be announced is answered with MODEL_GONE
    await this.announce().finally(() => {
      for (const held of left) void this.leave(held);
    });
  }

  /** What is to be served, opened; what is not whole goes into `flaws`. */
  private async next(
    found: readonly FoundBundle[],
    deployments: Deployments,
    flaws: Map<string, Flaw>,
  ): Promise<Held[]> {
    const opened = await Promise.all(copiesOf(found).map((copies) => this.firstOf(copies, deployments, flaws)));
    const kept = [...this.held.filter(({ folder }) => flaws.has(folder)), ...(await this.vanished(found))];
    const wanted = [...opened.filter((held) => held !== undefined), ...kept];
    const seen = new Set<string>();
    return wanted.filter(({ engine: { model } }) => {
      const { name, version } = model;
      const key = `${name}@${version}`;
      if (seen.has(key) || deploymentOf(deployments, name).unloaded.includes(version)) return false;
      seen.add(key);
      return true;
    });
  }

  /** Of folders with the same version the one that is served, or the first that can be. */
  private async firstOf(
    copies: readonly FoundBundle[],
    deployments: Deployments,
    flaws: Map<string, Flaw>,
  ): Promise<Held | undefined> {
    for (const bundle of [...copies].sort((a, b) => Number(this.holds(b)) - Number(this.holds(a)))) {
      const held = await this.heldFor(bundle, deployments, flaws);
      if (held) return held;
    }
    return undefined;
  }

  private holds({ fingerprint }: FoundBundle): boolean {
    return this.held.some((held) => held.fingerprint === fingerprint);
  }

  private async heldFor(
    bundle: FoundBundle,
    deployments: Deployments,
    flaws: Map<string, Flaw>,
  ): Promise<Held | undefined> {
    const { folder, fingerprint, manifest } = bundle;
    const { revision } = deployments;
    const refuse = (reason: string) => {
      flaws.set(folder, { fingerprint, revision, reason });
      if (this.flaws.get(folder)?.reason !== reason) this.refused(folder, reason);
      return undefined;
    };
    if (!manifest) return refuse(bundle.flaw!);
    const { unloaded, reloadedAt } = deploymentOf(deployments, manifest.name);
    if (unloaded.includes(manifest.version)) return undefined;
    const twin = this.held.find(
      (held) => held.fingerprint === fingerprint && isOf(held, manifest) && held.revision >= reloadedAt,
    );
    if (twin) return { ...twin, folder }; // it may have been moved
    const flaw = this.flaws.get(folder);
    if (flaw?.fingerprint === fingerprint && flaw.revision === revision) return refuse(flaw.reason);
    try {
      return await this.openOne(bundle, revision);
    } catch (error) {
      return refuse(error instanceof Error ? error.message : String(error));
    }
  }

  private async openOne({ folder, fingerprint }: FoundBundle, revision: number): Promise<Held> {
    const { modelsFolder: _, deployments, log, onChange, watchMs, ...options } = this.options;
    const engine = new PooledEngine(await openBundle(folder, options));
    if ((await fingerprintOf(folder)) === fingerprint) return { folder, fingerprint, engine, revision };
    await engine.end();
    throw new CarouselError("FAILED_PRECONDITION", `${folder} changed while it was read`);
  }

  /** Those whose bundle is gone but whose folder is not: it may be coming. All, where all are gone: a disk may be. */
  private async vanished(found: readonly FoundBundle[]): Promise<Held[]> {
    const gone = this.held.filter(({ folder }) => !found.some((bundle) => bundle.folder === folder));
    if (found.length === 0) return gone;
    const isThere = await Promise.all(
      gone.map(({ folder }) =>
        stat(folder).then(
          () => true,
          () => false,
        ),
      ),
    );
    return gone.filter((_, k) => isThere[k]);
  }

  /** A version that comes beside others gets none of their requests, unless it was decided. */
  private async keepIncumbents(next: readonly Held[]): Promise<void> {
    for (const { engine } of this.held) {
      const { name, version } = engine.model;
      const versions = next.map((held) => held.engine.model).filter((model) => model.name === name);
      const stays = versions.some((model) => model.version === version);
      const undecided = (now: Deployments) => weightOf(versions, deploymentOf(now, name).weights) === 0;
      if (!stays || versions.length < 2 || !undecided(await this.options.deployments.read())) continue;
      await this.options.deployments.change((now) =>
        undecided(now) ? decided(now, name, { weights: { [version]: 1 } }) : now,
      );
    }
  }

  private async leave(held: Held): Promise<void> {
    this.pool.drop(held.engine);
    await held.engine.end();
    this.tell("unloaded", held);
  }

  private tell(change: ShelfChange, { folder, engine }: Held): void {
    const { name, version } = engine.model;
    this.options.log.info({ model: name, version, folder }, `model ${change}`);
    this.options.onChange(change);
  }

  private refused(folder: string, reason: string): void {
    const before = this.held.find((held) => held.folder === folder);
    const serving = before ? { model: before.engine.model.name, version: before.engine.model.version } : {};
    this.options.log.error({ folder, reason, ...serving }, "bundle refused; what was served from its folder goes on");
    this.options.onChange("refused");
  }
}

function without(all: readonly Held[], others: readonly Held[]): Held[] {
  return all.filter(({ engine }) => !others.some((other) => other.engine === engine));
}

function isOf({ engine }: Held, { name, version }: { name: string; version: string }): boolean {
  return engine.model.name === name && engine.model.version === version;
}
