import { pino } from "pino";
import { createRedisWorker } from "../redis-worker.js";
import { Capitals } from "./capitals.js";

/** A worker in a process of its own, which dies of a text that says so. Arguments: the URL of Redis, the lock's time. */
const [redisUrl, lockMs] = process.argv.slice(2);

class Mortal extends Capitals {
  override async process(...[orders, onEvent]: Parameters<Capitals["process"]>): Promise<void> {
    if (orders.some(({ segment }) => segment.text === "deadly")) process.kill(process.pid, "SIGKILL");
    await super.process(orders, onEvent);
  }
}

await createRedisWorker({ redisUrl: redisUrl!, lockMs: Number(lockMs), log: pino({ level: "silent" }) }).start(
  new Mortal(),
);
