// Planted into a process by the tests alone: a worker that sends some answers nowhere.
import { isMainThread } from "node:worker_threads";
import { ReplyWriter } from "@carousel/server/queue/reply-stream";

/** Of a segment's id; whoever works on it loses its answer, so that to send it again does not help. */
const LOST = /^0/;

if (isMainThread) {
  const { write } = ReplyWriter.prototype;
  ReplyWriter.prototype.write = function (gateway, event) {
    return LOST.test(event.id) ? Promise.resolve() : write.call(this, gateway, event);
  };
}
