import { modelAdmin } from "@carousel/protos";
import { credentials, Metadata } from "@grpc/grpc-js";
import { Command, InvalidArgumentError } from "commander";
import { InputError } from "../input-error.js";
import { number } from "../options.js";
import { write, writeJson } from "../streams.js";
import { type Done, unaryCall } from "../unary-call.js";

type Client = modelAdmin.ModelAdminServiceClient;
type Fleet = modelAdmin.Fleet;

interface Options {
  readonly address: string;
  readonly token?: string;
  readonly seconds: number;
  readonly json?: true;
}

/** A call with its metadata and settings. */
type Call = (client: Client, ...rest: [Metadata, { deadline: number }, Done<Fleet>]) => unknown;

const MODEL = "NAME, or NAME@VERSION; the first digits of a version are enough";

/** What a server serves, and changes of it while it runs; each answers when all workers have done it. */
export function fleetCommands(): Command[] {
  return [
    command("status", "what the workers of a server serve, and who gets the requests").action((options: Options) =>
      tell(options, (client, ...rest) => client.getFleet({}, ...rest)),
    ),
    command("load", "have workers look at their folders of models, and serve what is there")
      .argument("[model]", `${MODEL}; all when absent`)
      .action((model: string | undefined, options: Options) =>
        tell(options, (client, ...rest) => client.loadModels({ model: model ?? "" }, ...rest), "an error"),
      ),
    command("unload", "serve a version, or all of a model, no more, though its bundle is there")
      .argument("<model>", MODEL)
      .action((model: string, options: Options) =>
        tell(options, (client, ...rest) => client.unloadModel({ model }, ...rest)),
      ),
    command("reload", "read bundles anew, with new engines")
      .argument("[model]", "NAME; all when absent")
      .action((model: string | undefined, options: Options) =>
        tell(options, (client, ...rest) => client.reloadModels({ model: model ?? "" }, ...rest), "an error"),
      ),
    command("weight", "share the requests by a model's name out over its versions")
      .argument("<name>")
      .argument("<version=weight...>", "versions that are not named get none", weights)
      .addHelpText("after", "\nExample:\n  carousel models weight tatoeba-ja-en 1f40=95 9ab3=5")
      .action((model: string, wish: Record<string, number>, options: Options) =>
        tell(options, (client, ...rest) => client.setWeights({ model, weights: wish }, ...rest)),
      ),
    command("rollback", "the weights before the last change are in force again")
      .argument("<name>")
      .action((model: string, options: Options) =>
        tell(options, (client, ...rest) => client.rollBack({ model }, ...rest)),
      ),
  ];
}

function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option("--address <host:port>", "the admin port of a gateway or server (serve --admin-port)", "localhost:50052")
    .option(
      "--token <t>",
      "its token; better in the environment, CAROUSEL_ADMIN_TOKEN",
      process.env.CAROUSEL_ADMIN_TOKEN,
    )
    .option("--seconds <s>", "longest wait for the workers", number(0), 60)
    .option("--json", "print JSON");
}

/** @throws InputError with the server's words; when some worker has not done it; when refused bundles are an error */
async function tell(options: Options, call: Call, refusedBundles: "shown" | "an error" = "shown"): Promise<void> {
  const { address, token, seconds, json } = options;
  const metadata = new Metadata();
  if (token) metadata.set("authorization", `Bearer ${token}`);
  const client = new modelAdmin.ModelAdminServiceClient(address, credentials.createInsecure());
  const fleet = await unaryCall<Client, Fleet>(client, { address }, (c, done) =>
    call(c, metadata, { deadline: Date.now() + 1000 * seconds }, done),
  );
  await (json ? writeJson(fleet) : write(table(fleet)));
  if (!fleet.settled) throw new InputError(`not all workers have done it after ${seconds} s; they go on`);
  if (refusedBundles === "an error" && fleet.refused.length > 0) {
    throw new InputError(`${fleet.refused.length === 1 ? "a bundle is" : "bundles are"} refused`);
  }
}

function table({ workers, models, refused }: Fleet): string {
  const lines = models.map(({ name, version, workers: serving, share, unloaded }) => {
    const state = unloaded ? "unloaded" : `${Math.round(1000 * share) / 10} % of the requests`;
    return `${name}@${version}\t${serving} of ${workers} workers\t${state}\n`;
  });
  const flaws = refused.map((r) => `refused\t${r.workers} of ${workers} workers\t${r.reason}\n`);
  return [...lines, ...flaws].join("");
}

function weights(text: string, before: Record<string, number> = {}): Record<string, number> {
  const [version = "", weight = ""] = text.split("=");
  if (version === "" || weight.trim() === "" || Number.isNaN(Number(weight))) {
    throw new InvalidArgumentError("VERSION=WEIGHT is expected, such as 1f40=95");
  }
  return { ...before, [version]: Number(weight) };
}
