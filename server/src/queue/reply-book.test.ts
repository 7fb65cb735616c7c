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
