import { inspectQueue } from "@carousel/server/queue/inspect";
import { Command } from "commander";
import { integer } from "../options.js";
import { write, writeJson } from "../streams.js";

interface QueueOptions {
  readonly redis: string;
  readonly most: number;
  readonly json?: true;
}

export function queueCommand(): Command {
  return new Command("queue")
    .description("what waits in Redis, who works, and what is in quarantine with its reason")
    .option("--redis <url>", "Redis of the queue", process.env.REDIS_URL ?? "redis://localhost:6379")
    .option("--most <n>", "segments in quarantine to show, newest first", integer(1, 1000), 20)
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  carousel queue --redis redis://localhost:6379")
    .action(async ({ redis, most, json }: QueueOptions) => {
      const view = await inspectQueue({ redisUrl: redis, most });
      if (json) return writeJson(view);
      const { waitingJobs, workers, gateways, quarantined, quarantine } = view;
      await write(
        `jobs waiting ${waitingJobs}, workers ${workers}, gateways ${gateways}, in quarantine ${quarantined}\n`,
      );
      for (const { id, atMs, model, text, reason } of quarantine) {
        await write(`${new Date(atMs).toISOString()}\t${id}\t${model}\t${reason}\t${JSON.stringify(text)}\n`);
      }
    });
}
