import { randomUUID } from "node:crypto";
import { BundleError, verifyBundle } from "@carousel/bundle";
import { GREEDY, NEVER, type Segment, type SegmentEvent, type ServedModel } from "../queue/port.js";
import { createEngine, type EngineOptions } from "./create-engine.js";
import type { Engine } from "./engine.js";

/**
 * An engine for a bundle whose files have the hashes of its manifest and that has decoded something.
 * @throws BundleError or CarouselError saying what is wrong with the bundle
 */
export async function openBundle(folder: string, options: EngineOptions): Promise<Engine> {
  await verifyBundle(folder);
  const engine = await createEngine([folder], options);
  const last = await tryOut(engine);
  if (last.type !== "error") return engine;
  await engine.close();
  throw new BundleError(`${folder} cannot decode: ${last.error.message}`);
}

async function tryOut(engine: Engine): Promise<SegmentEvent> {
  return new Promise((resolve) => {
    const segment = trialOf(engine.models[0]!);
    void engine.process([{ segment, signal: new AbortController().signal }], resolve);
  });
}

function trialOf({ name, version, task }: ServedModel): Segment {
  const translates = task === "translation";
  return {
    id: randomUUID(),
    task: translates ? "translate" : "generate",
    model: name,
    modelVersion: version,
    text: translates ? "1" : "",
    options: { ...GREEDY, maxLength: 4 },
    priority: "interactive",
    deadline: NEVER,
    stream: false,
  };
}
