import { randomUUID } from "node:crypto";
import { chooseVersion } from "../deployment/choose-version.js";
import { type DeploymentStore, type Deployments, deploymentOf, NOTHING_DECIDED } from "../deployment/deployments.js";
import { modelReference } from "../deployment/model-reference.js";
import { CarouselError, invalid } from "../errors.js";
import { sameLanguage } from "../languages.js";
import { MODEL_GONE, type QueueClient, type ServedModel } from "../queue/port.js";

/** A model by name, or by the languages it translates. */
export interface ModelQuery {
  /** NAME, or NAME@VERSION for that version whatever its weight; the first digits are enough where they name one. */
  readonly model?: string;
  readonly sourceLanguage?: string;
  readonly targetLanguage?: string;
  /** What it must be for; anything when absent. */
  readonly task?: ServedModel["task"];
}

export interface ModelCatalogOptions {
  /** Absent: nothing is decided. */
  readonly deployments?: Pick<DeploymentStore, "read">;
  /** Told of every call that got a model, and how it ended. */
  readonly onCall?: (model: ServedModel, error?: unknown) => void;
}

/** Versions that a call is given, one after another, while they go away under it. */
const MOST_ATTEMPTS = 5;

/** The models that the workers serve, as they publish them. */
export class ModelCatalog {
  constructor(
    private readonly queue: QueueClient,
    private readonly options: ModelCatalogOptions = {},
  ) {}

  /** By name; of one name, those that more workers serve come first. */
  async list(freshness?: "now"): Promise<readonly ServedModel[]> {
    const models = await this.queue.models(freshness);
    return [...models].sort((a, b) => (a.name === b.name ? 0 : a.name < b.name ? -1 : 1));
  }

  /**
   * Runs a call with the model that it asks for: once more, with the version that is served then, when the one that it was
   * given is served no more.
   * @param key calls of one key get the same version (chooseVersion)
   */
  async withModel<T>(query: ModelQuery, key: string | undefined, run: (model: ServedModel) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const model = await this.resolve(query, key);
      try {
        const answer = await run(model);
        this.options.onCall?.(model);
        return answer;
      } catch (error) {
        if (isGone(error) && attempt < MOST_ATTEMPTS) continue;
        this.options.onCall?.(model, error);
        throw error;
      }
    }
  }

  /** @throws CarouselError NOT_FOUND naming what there is, INVALID_ARGUMENT when the query names nothing, or a model for something else */
  async resolve(query: ModelQuery, key: string = randomUUID()): Promise<ServedModel> {
    try {
      return await this.among(await this.list(), query, key);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return this.among(await this.list("now"), query, key); // it may have been loaded just now
    }
  }

  private async among(models: readonly ServedModel[], query: ModelQuery, key: string): Promise<ServedModel> {
    if (models.length === 0) throw new CarouselError("UNAVAILABLE", "no worker serves a model at the moment");
    const wanted = versionsOf(models, query);
    if (query.task) requireTask(wanted[0]!, query.task);
    if (wanted.length === 1) return wanted[0]!;
    return chooseVersion(wanted, deploymentOf(await this.decided(), wanted[0]!.name).weights, key);
  }

  private async decided(): Promise<Deployments> {
    return (await this.options.deployments?.read()) ?? NOTHING_DECIDED;
  }
}

/** @throws CarouselError INVALID_ARGUMENT when a model is for something else */
export function requireTask({ name, task }: Pick<ServedModel, "name" | "task">, wanted: ServedModel["task"]): void {
  if (task !== wanted) invalid("model", `is ${name}, a ${task} model; it must be a ${wanted} model`);
}

/** Versions of one model, any of which will do. */
function versionsOf(models: readonly ServedModel[], query: ModelQuery): readonly ServedModel[] {
  const { name, version } = modelReference(query.model ?? "");
  if (version !== undefined) return [pinned(models, { name, version })];
  return name ? ofName(models, name) : ofLanguages(models, query);
}

function ofName(models: readonly ServedModel[], name: string): ServedModel[] {
  const found = models.filter((m) => m.name === name);
  return found.length > 0 ? found : notFound(`there is no model ${name}`, referencesTo(models));
}

function pinned(models: readonly ServedModel[], { name, version }: { name: string; version: string }): ServedModel {
  const found = ofName(models, name).filter((m) => m.version.startsWith(version));
  if (found.length === 1) return found[0]!;
  const which = found.length === 0 ? "there is no such version" : "several versions begin so";
  return notFound(`${name}@${version}: ${which}`, referencesTo(models));
}

function ofLanguages(models: readonly ServedModel[], query: ModelQuery): ServedModel[] {
  const { sourceLanguage, targetLanguage, task = "translation" } = query;
  if (task !== "translation") invalid("model", `is missing; name a ${task} model`);
  if (!sourceLanguage || !targetLanguage) {
    invalid(sourceLanguage ? "target_language" : "source_language", "is missing; name both languages, or a model");
  }
  const translating = models.filter((m) => m.task === "translation");
  const found = translating.find(
    (m) => sameLanguage(m.sourceLanguage ?? "", sourceLanguage) && sameLanguage(m.targetLanguage, targetLanguage),
  );
  if (found) return ofName(models, found.name);
  const pairs = new Set(translating.map((m) => `${m.sourceLanguage} to ${m.targetLanguage}`));
  return notFound(`no model translates ${sourceLanguage} to ${targetLanguage}`, [...pairs]);
}

function isNotFound(error: unknown): boolean {
  return error instanceof CarouselError && error.code === "NOT_FOUND";
}

function isGone(error: unknown): boolean {
  return error instanceof CarouselError && error.details.reason === MODEL_GONE;
}

/** How callers may name them. */
function referencesTo(models: readonly ServedModel[]): string[] {
  return models.map(({ name, version }) => {
    const alone = models.filter((m) => m.name === name).length === 1;
    return alone ? name : `${name}@${version}`;
  });
}

function notFound(message: string, served: readonly string[]): never {
  const there = served.join(", ") || "none";
  throw new CarouselError("NOT_FOUND", `${message}; served: ${there}`, { reason: "MODEL_NOT_FOUND" });
}
