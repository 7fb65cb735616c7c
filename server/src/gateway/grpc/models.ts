import { model } from "@carousel/protos";
import type { Services } from "../services.js";
import { unary } from "./call.js";

export function modelService(services: Services): model.ModelServiceServer {
  return {
    listModels: unary(services, "ListModels", async () => ({
      models: (await services.catalog.list()).map((m) => ({
        name: m.name,
        version: m.version,
        task: m.task === "translation" ? model.Task.TASK_TRANSLATION : model.Task.TASK_GENERATION,
        sourceLanguage: m.sourceLanguage ?? "",
        targetLanguage: m.targetLanguage,
        sourceLimit: m.sourceLimit,
        targetLimit: m.targetLimit,
      })),
    })),
  };
}
