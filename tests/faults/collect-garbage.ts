// Loaded first into each process under soak: on demand it collects what nothing holds any longer, and says how much is left.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { BroadcastChannel, isMainThread } from "node:worker_threads";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

// each thread has a heap of its own; one that is busy collects when it gets to it
const threads = new BroadcastChannel("collect garbage");
threads.unref();
if (isMainThread) {
  process.on("message", () => {
    threads.postMessage(null);
    collect();
    // what a collection released, such as buffers, is given back a turn later
    setImmediate(() => {
      collect();
      process.send!(process.memoryUsage());
    });
  });
  process.channel?.unref();
} else {
  threads.onmessage = () => collect(); // without the event, which it would take for options
}
