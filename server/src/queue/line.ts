import type { Segment, ServedModel } from "./port.js";

/** A queue of jobs for one version of one model, so that they meet only workers that have it. */
export type Line = string;

export function lineOf({ model, modelVersion }: Pick<Segment, "model" | "modelVersion">): Line {
  return `segments-${model}@${modelVersion}`;
}

/** The line that is worked on by those who serve this version. */
export function lineFor({ name, version }: Pick<ServedModel, "name" | "version">): Line {
  return lineOf({ model: name, modelVersion: version });
}
