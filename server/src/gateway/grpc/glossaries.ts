import { glossary } from "@carousel/protos";
import type { GlossarySummary } from "../../glossaries/glossary.js";
import type { Services } from "../services.js";
import { unary } from "./call.js";
import { fromWireTerms, toWireTerm } from "./terms.js";

type Service = glossary.GlossaryServiceServer;

export function glossaryService(services: Services): Service {
  const { glossaries } = services;
  return {
    createGlossary: unary(services, "CreateGlossary", async (request: glossary.CreateGlossaryRequest) => {
      const wish = request.glossary ?? glossary.Glossary.fromPartial({});
      return toWire(await glossaries.create({ ...wish, terms: fromWireTerms(wish.terms) }));
    }),
    getGlossary: unary(services, "GetGlossary", async ({ name }: glossary.GetGlossaryRequest) => {
      const { terms, ...rest } = await glossaries.get(name);
      return { ...rest, terms: terms.map(toWireTerm), termCount: terms.length };
    }),
    listGlossaries: unary(services, "ListGlossaries", async () => ({
      glossaries: (await glossaries.list()).map(toWire),
    })),
    deleteGlossary: unary(services, "DeleteGlossary", async ({ name }: glossary.DeleteGlossaryRequest) => {
      await glossaries.delete(name);
      return {};
    }),
  };
}

function toWire(summary: GlossarySummary): glossary.Glossary {
  return { ...summary, terms: [] };
}
