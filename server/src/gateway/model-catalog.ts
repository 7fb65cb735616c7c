import { CarouselError } from "../errors.js";
import { MODEL_GONE, type QueueClient, type ServedModel } from "../queue/port.js";

/** A model by name, or by the languages it translates. */
export interface ModelQuery {
  readonly model?: string;
  readonly sourceLanguage?: string;
  readonly targetLanguage?: string;
}

/** Versions that a call is given, one after another, while they go away under it. */
const MOST_ATTEMPTS = 5;

/** The models that the workers serve, as they publish them. */
export class ModelCatalog {
  constructor(private readonly queue: QueueClient) {}

  async list(): Promise<readonly ServedModel[]> {
    const models = await this.queue.models();
    return [...models].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Runs a call with the model that it asks for: once more, with the version that is served then, when the one that it was
   * given is served no more.
   */
  async withModel<T>(query: ModelQuery, run: (model: ServedModel) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run(await this.resolve(query));
      } catch (error) {
        if (!isGone(error) || attempt === MOST_ATTEMPTS) throw error;
      }
    }
  }

  /** @throws CarouselError NOT_FOUND naming what there is, INVALID_ARGUMENT when the query names nothing */
  async resolve({ model, sourceLanguage, targetLanguage }: ModelQuery): Promise<ServedModel> {
    const models = await this.list();
    if (models.length === 0) throw new CarouselError("UNAVAILABLE", "no worker serves a model at the moment");
    if (model) return models.find((m) => m.name === model) ?? notFound(`there is no model ${model}`, models);
    if (!sourceLanguage || !targetLanguage) {
      const field = sourceLanguage ? "target_language" : "source_language";
      throw new CarouselError("INVALID_ARGUMENT", `${field} is missing: name both languages, or a model`, {
        violations: [{ field, description: "required when model is empty" }],
      });
    }
    const fits = (m: ServedModel) =>
      same(m.sourceLanguage ?? "", sourceLanguage) &&
      same(m.targetLanguage, targetLanguage) &&
      m.task === "translation";
    return models.find(fits) ?? notFound(`no model translates ${sourceLanguage} to ${targetLanguage}`, models);
  }
}

function isGone(error: unknown): boolean {
  return error instanceof CarouselError && error.details.reason === MODEL_GONE;
}

/** Languages agree when their primary subtags do: a model of ja serves ja-JP. */
function same(a: string, b: string): boolean {
  return a.split("-")[0]!.toLowerCase() === b.split("-")[0]!.toLowerCase();
}

function notFound(message: string, models: readonly ServedModel[]): never {
  throw new CarouselError("NOT_FOUND", `${message}; served: ${models.map((m) => m.name).join(", ")}`, {
    reason: "MODEL_NOT_FOUND",
  });
}
