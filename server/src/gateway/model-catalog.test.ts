import { expect, test } from "vitest";
import type { QueueClient, ServedModel } from "../queue/port.js";
import { ModelCatalog, type ModelQuery } from "./model-catalog.js";

const translating = (name: string, version: string, [sourceLanguage, targetLanguage]: [string, string]) =>
  ({ name, version, task: "translation", sourceLanguage, targetLanguage }) as ServedModel;
const models = [
  translating("fr", "a1", ["en", "fr"]),
  translating("fr", "b2", ["en", "fr"]),
  translating("ja", "c3", ["ja", "en"]),
  { name: "plays", version: "d4", task: "generation", targetLanguage: "en" } as ServedModel,
];
const catalog = new ModelCatalog({ models: async () => models } as unknown as QueueClient);

test.each<[ModelQuery, string]>([
  [{ model: "ja", task: "translation" }, "c3"],
  [{ model: "fr@b" }, "b2"],
  [{ sourceLanguage: "ja", targetLanguage: "en" }, "c3"],
  [{ model: "plays", task: "generation" }, "d4"],
])("%j is a model", async (query, version) => {
  expect((await catalog.resolve(query)).version).toBe(version);
});

test.each<[ModelQuery, string, string]>([
  [{ model: "none" }, "NOT_FOUND", "there is no model none; served: fr@a1, fr@b2, ja, plays"],
  [{ model: "fr@c" }, "NOT_FOUND", "fr@c: there is no such version; served: fr@a1, fr@b2, ja, plays"],
  [
    { sourceLanguage: "de", targetLanguage: "en" },
    "NOT_FOUND",
    "no model translates de to en; served: en to fr, ja to en",
  ],
  [{}, "INVALID_ARGUMENT", "source_language is missing; name both languages, or a model"],
  [{ sourceLanguage: "ja" }, "INVALID_ARGUMENT", "target_language is missing; name both languages, or a model"],
  [{ model: "", task: "generation" }, "INVALID_ARGUMENT", "model is missing; name a generation model"],
  [
    { model: "plays", task: "translation" },
    "INVALID_ARGUMENT",
    "model is plays, a generation model; it must be a translation model",
  ],
  [
    { model: "ja@c3", task: "generation" },
    "INVALID_ARGUMENT",
    "model is ja, a translation model; it must be a generation model",
  ],
])("%j is none, and it is said why and what there is", async (query, code, message) => {
  await expect(catalog.resolve(query)).rejects.toMatchObject({ code, message });
});
