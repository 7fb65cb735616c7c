import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { CarouselError } from "../errors.js";
import type { SegmentEvent } from "./port.js";
import { ReplyBook } from "./reply-book.js";
import { resultOf, segment } from "./test-support/capitals.js";

it("tells a worker's answer that nobody waits for any more from a failure of this side", () => {
  let late = 0;
  const events: SegmentEvent["type"][] = [];
  const book = new ReplyBook({ withdraw: () => {}, ended: () => {}, late: () => void late++ });
  const asked = segment("text");
  book.add(asked, ({ type }) => void events.push(type));
  book.fail(asked.id, new CarouselError("UNAVAILABLE", "the queue cannot be reached"));
  book.fail(asked.id, new CarouselError("UNAVAILABLE", "the queue cannot be reached"));
  expect(late).toBe(0);
  book.deliver({ id: asked.id, type: "piece", index: 0, text: "a" });
  expect(late).toBe(0);
  book.deliver(resultOf(asked));
  expect(late).toBe(1);
  expect(events).toEqual(["error"]);
});

it("cancels what is left of a call by one listener on its signal", () => {
  const withdrawn: string[] = [];
  const book = new ReplyBook({ withdraw: (id) => void withdrawn.push(id), ended: () => {}, late: () => {} });
  const caller = new AbortController();
  const listeners = () => getEventListeners(caller.signal, "abort").length;
  const asked = ["a", "b", "c"].map((text) => segment(text));
  const codes: (string | undefined)[] = [];
  const ask = (one: (typeof asked)[number]) =>
    book.add(one, (event) => void codes.push(event.type === "error" ? event.error.code : event.type), caller.signal);
  for (const one of asked) ask(one);
  expect(listeners()).toBe(1);
  book.deliver(resultOf(asked[1]!));
  caller.abort();
  expect(codes).toEqual(["result", "CANCELLED", "CANCELLED"]);
  expect(withdrawn).toEqual([asked[0]!.id, asked[2]!.id]);
  expect([listeners(), book.size]).toEqual([0, 0]);
  ask(segment("d"));
  expect(codes.at(-1)).toBe("CANCELLED");
  expect(listeners()).toBe(0);
});
