import { describe, expect, it } from "vitest";
import { History } from "./history.js";

const PAIRS = ["a", "b", "c"].map((source) => ({ source, translation: source.toUpperCase() }));
const [PAIR] = PAIRS;
const line = (k: number, text = PAIRS[k]!.translation, error = "") => ({ line: k, text, error });

function afterRequest(happens: (history: History, request: ReturnType<History["ask"]>) => void): string[] {
  const history = new History();
  happens(history, history.ask("call", PAIR!));
  return history.violations(["UNAVAILABLE"]);
}

function afterJob(read: readonly ReturnType<typeof line>[], state: "accepted" | "done" = "done"): string[] {
  const history = new History();
  const job = history.job(PAIRS);
  job.read.push(...read);
  job.state = state;
  return history.violations([]);
}

describe("a history", () => {
  it("is right where each request has its one answer", () => {
    expect(afterRequest((history, request) => history.answered(request, "A"))).toEqual([]);
    expect(afterRequest((history, request) => history.refused(request, { code: 14, message: "down" }))).toEqual([]);
    expect(afterJob([line(0), line(1), line(2)])).toEqual([]);
  });

  it("shows a request without an answer, with two, with another's, and with an error that must not be", () => {
    expect(afterRequest(() => {})).toEqual(["call “a”: no answer"]);
    const twice = afterRequest((history, request) => [1, 2].forEach(() => void history.answered(request, "A")));
    expect(twice).toEqual(["call “a”: 2 answers"]);
    expect(afterRequest((history, request) => history.answered(request, "B"))).toEqual([
      "call “a”: “B” instead of “A”",
    ]);
    const refused = afterRequest((history, request) => history.refused(request, { code: 4, message: "late" }));
    expect(refused).toEqual(["call “a”: DEADLINE_EXCEEDED: late"]);
  });

  it("shows a job that has not ended, and lines that are missing, doubled, out of order, wrong, or failed", () => {
    expect(afterJob([], "accepted")).toEqual(["a job of 3 lines was accepted and has not ended"]);
    expect(afterJob([line(0), line(1)])).toEqual(["2 lines of a job of 3"]);
    expect(afterJob([line(0), line(2)])[0]).toBe("line 2 of a job came in the place of 1");
    expect(afterJob([line(0), line(0), line(1), line(2)])[0]).toBe("line 0 of a job came in the place of 1");
    expect(afterJob([line(1), line(0), line(2)])[0]).toBe("line 1 of a job came in the place of 0");
    expect(afterJob([line(0), line(1, "C"), line(2)])).toEqual(["line 1 of a job, “b”: “C” instead of “B”"]);
    expect(afterJob([line(0), line(1, "", "full"), line(2)])).toEqual(["line 1 of a job, “b”: full"]);
  });
});
