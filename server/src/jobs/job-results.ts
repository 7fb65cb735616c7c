import { CarouselError } from "../errors.js";
import { type DocumentForm, type UnitResult, WRITTEN } from "./formats/unit.js";
import type { FinishedChunk } from "./job.js";
import type { JobFiles } from "./job-files.js";

export interface BatchLine extends UnitResult {
  /** The first is 0. */
  readonly line: number;
}

/** What has become of a job's units. */
export class JobResults {
  constructor(private readonly files: JobFiles) {}

  /** Results in the order of the input, up to the first chunk that has none yet. */
  async *lines(id: string, fromLine: number): AsyncIterable<BatchLine> {
    await this.files.settings(id);
    const { units } = await this.files.sizes(id);
    const finished = await this.files.finished(id);
    let line = 0;
    for (const [chunk, size] of units.entries()) {
      if (line + size > fromLine) {
        const results = await this.resultsOf(id, chunk, finished);
        if (!results) return;
        for (const [n, result] of results.entries()) {
          if (line + n >= fromLine) yield { line: line + n, ...result };
        }
      }
      line += size;
    }
  }

  /** The document with its translations, in pieces. @throws CarouselError FAILED_PRECONDITION while something is missing */
  async *document(id: string, form: DocumentForm): AsyncIterable<string> {
    const { tail } = await this.files.settings(id);
    const { units } = await this.files.sizes(id);
    const finished = await this.files.finished(id);
    if (finished.size < units.length) {
      throw new CarouselError(
        "FAILED_PRECONDITION",
        `batch job ${id} has ${finished.size} of ${units.length} parts: its document is not there yet`,
      );
    }
    for (const chunk of units.keys()) {
      const [input, results] = [await this.files.input(id, chunk), await this.resultsOf(id, chunk, finished)];
      yield input.map((unit, n) => WRITTEN[form](unit, results![n]!)).join("");
    }
    if (form === "same") yield tail;
  }

  /** A retry may replace a result while it is read: then the new one is. */
  private async resultsOf(
    id: string,
    chunk: number,
    finished: Map<number, FinishedChunk>,
  ): Promise<UnitResult[] | undefined> {
    const known = finished.get(chunk);
    const results = known && (await this.files.results(id, known));
    if (results || !known) return results;
    const now = (await this.files.finished(id)).get(chunk);
    return now && this.files.results(id, now);
  }
}
