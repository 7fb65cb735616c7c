import { batch } from "@carousel/protos";
import { describe, expect, it } from "vitest";
import { BatchProgress } from "./batch-progress.js";

const END_OF_LINE = "\x1b[K";

const job = (changes: Partial<batch.Batch>) =>
  batch.Batch.fromPartial({
    id: "0mwxk48bd-e30a6d11cf",
    model: "tatoeba-ja-en",
    state: batch.BatchState.BATCH_STATE_RUNNING,
    ...{ total: 1000, completed: 250, characters: 4000, charactersCompleted: 1000, rate: 12.34, secondsLeft: 75 },
    ...changes,
  });

/** What is written when these are shown, on a terminal of so many columns or, without columns, elsewhere. */
function shown(jobs: readonly batch.Batch[], columns?: number): string {
  let written = "";
  const write = (text: string) => {
    written += text;
    return true;
  };
  const progress = new BatchProgress({ isTTY: columns !== undefined, columns: columns!, write: write as never });
  for (const one of jobs) progress.show(one);
  progress.end();
  return written;
}

const ended = job({ state: batch.BatchState.BATCH_STATE_DONE, completed: 1000, charactersCompleted: 4000, endedMs: 1 });
const running = job({ failed: 3, problem: "the queue\ncannot be reached" });

describe("the progress of a job", () => {
  it.each([20, 41, 80, 200])("is one row of a terminal of %i columns", (columns) => {
    const [, ...rows] = shown([running, job({}), ended], columns).split("\r");
    for (const row of rows.slice(0, 3)) {
      expect(row).toMatch(/^[█░]+ \d+ %/);
      expect(row.endsWith(END_OF_LINE)).toBe(true);
      expect(row.length - END_OF_LINE.length).toBeLessThan(columns);
    }
    expect(rows).toHaveLength(4);
    expect(rows[3]).toContain("done  1000/1000 segments, 4000/4000 characters, 0 failed");
  });

  it("says how far it is, and what holds it up", () => {
    expect(shown([running], 200)).toContain(
      "█████░░░░░░░░░░░░░░░ 25 %  250/1000  3 failed  12.3/s  1 min 15 s left  waits: the queue cannot be reached",
    );
    expect(shown([job({ state: batch.BatchState.BATCH_STATE_PAUSED })], 80)).toContain("25 %  paused  250/1000");
  });

  it("leaves out what a narrow terminal has no room for", () => {
    expect(shown([job({})], 36).split("\r")[1]).toBe(`██░░░░░░░ 25 %  250/1000  12.3/s${END_OF_LINE}`);
  });

  it("is plain lines elsewhere: when its state changes", () => {
    expect(shown([job({}), job({}), ended]).split("\n")).toEqual([
      "0mwxk48bd-e30a6d11cf  running  250/1000 segments, 1000/4000 characters, 0 failed  12.3/s  1 min 15 s left  tatoeba-ja-en",
      expect.stringContaining("  done  1000/1000 segments"),
      "",
    ]);
    expect(shown([])).toBe("");
  });
});
