import { status } from "@grpc/grpc-js";
import type { Pair } from "./corpus.js";

export type Code = keyof typeof status;

type Answer = { readonly atMs: number } & (
  | { readonly text: string }
  | { readonly code: Code; readonly message: string }
);

interface Request {
  readonly kind: string;
  readonly pair: Pair;
  /** Codes that this request may end in. */
  readonly allowed: readonly Code[];
  readonly askedMs: number;
  readonly answers: Answer[];
}

interface Job {
  readonly pairs: readonly Pair[];
  readonly read: { readonly line: number; readonly text: string; readonly error: string }[];
  state: "accepted" | "done";
}

/** What was asked and what was answered, written down as it happens and judged at the end. */
export class History {
  readonly requests: Request[] = [];
  readonly jobs: Job[] = [];
  private readonly oddities: string[] = [];
  private resent = 0;

  /** A request that goes out now. */
  ask(kind: string, pair: Pair, allowed: readonly Code[] = []): Request {
    const request = { kind, pair, allowed, askedMs: Date.now(), answers: [] };
    this.requests.push(request);
    return request;
  }

  answered(request: Request, text: string): void {
    request.answers.push({ atMs: Date.now(), text });
  }

  refused(request: Request, error: { code?: number; message: string }): void {
    const code = (status[error.code ?? status.UNKNOWN] ?? "UNKNOWN") as Code;
    request.answers.push({ atMs: Date.now(), code, message: error.message });
  }

  /** Its answer broke off after its first byte: no policy sends such a call again, so the caller does. */
  sentAgain(): void {
    this.resent++;
  }

  /** A job that a gateway has accepted. */
  job(pairs: readonly Pair[]): Job {
    const job: Job = { pairs, read: [], state: "accepted" };
    this.jobs.push(job);
    return job;
  }

  /** Something that must not be, and belongs to no request. */
  odd(what: string): void {
    this.oddities.push(what);
  }

  /** All that is wrong with it; requests may be refused with the codes of `allowed` beside their own. */
  violations(allowed: readonly Code[]): string[] {
    return [
      ...this.oddities,
      ...this.requests.flatMap((request) => wrongAnswers(request, [...request.allowed, ...allowed])),
      ...this.jobs.flatMap(wrongLines),
    ];
  }

  counts(): { requests: number; refused: number; resent: number; jobs: number; lines: number } {
    const refused = this.requests.filter(({ answers, allowed }) =>
      answers.some((a) => "code" in a && !allowed.includes(a.code)),
    ).length;
    const lines = this.jobs.reduce((sum, { read }) => sum + read.length, 0);
    return { requests: this.requests.length, refused, resent: this.resent, jobs: this.jobs.length, lines };
  }

  /** Milliseconds from a moment to the answers of requests that were on their way, as far as they took `least` and more. */
  delaysAfter(moment: number, least: number): number[] {
    return this.requests
      .filter(({ askedMs, answers }) => askedMs <= moment && answers[0] && answers[0].atMs >= moment + least)
      .map(({ answers }) => answers[0]!.atMs - moment);
  }

  /** Milliseconds that each answered request took. */
  latencies(): number[] {
    return this.requests.flatMap(({ askedMs, answers: [a] }) => (a && "text" in a ? [a.atMs - askedMs] : []));
  }
}

function wrongAnswers({ kind, pair, answers }: Request, allowed: readonly Code[]): string[] {
  const what = `${kind} “${pair.source}”`;
  const [answer, ...more] = answers;
  if (!answer) return [`${what}: no answer`];
  if (more.length > 0) return [`${what}: ${answers.length} answers`];
  if ("code" in answer) return allowed.includes(answer.code) ? [] : [`${what}: ${answer.code}: ${answer.message}`];
  return answer.text === pair.translation ? [] : [`${what}: “${answer.text}” instead of “${pair.translation}”`];
}

function wrongLines({ pairs, read, state }: Job): string[] {
  if (state !== "done") return [`a job of ${pairs.length} lines was accepted and has not ended`];
  const order = read.flatMap(({ line }, k) => (line === k ? [] : [`line ${line} of a job came in the place of ${k}`]));
  const texts = read.flatMap(({ line, text, error }) => {
    const { source, translation } = pairs[line] ?? { source: "", translation: undefined };
    if (error !== "") return [`line ${line} of a job, “${source}”: ${error}`];
    return text === translation ? [] : [`line ${line} of a job, “${source}”: “${text}” instead of “${translation}”`];
  });
  const count = read.length === pairs.length ? [] : [`${read.length} lines of a job of ${pairs.length}`];
  return [...order.slice(0, 1), ...texts, ...count];
}
