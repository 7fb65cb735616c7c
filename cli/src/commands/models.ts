import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readBundle, verifyBundle } from "@carousel/bundle";
import { checkBundle } from "@carousel/server/check-bundle";
import { upgradeBundle } from "@carousel/training";
import { cannotRead } from "@carousel/training/data/text";
import { Command } from "commander";
import { bundleFolder, shippedModels } from "../options.js";
import { write, writeJson } from "../streams.js";
import { fleetCommands } from "./fleet.js";

export function modelsCommand(): Command {
  const models = new Command("models")
    .description("list, show, verify and upgrade model bundles; change what a server serves while it runs")
    .addCommand(list())
    .addCommand(show())
    .addCommand(verify())
    .addCommand(upgrade());
  for (const command of fleetCommands()) models.addCommand(command);
  return models;
}

function list(): Command {
  return new Command("list")
    .description("bundles in a folder")
    .option("--models <folder>", "folder of bundles", shippedModels)
    .option("--json", "print JSON")
    .action(async ({ models, json }: { models: string; json?: true }) => {
      const names = await readdir(models).catch(cannotRead(models));
      const read = await Promise.all(names.map((name) => readBundle(join(models, name)).catch(() => undefined)));
      const manifests = read.filter((b) => b !== undefined).map((b) => b.manifest);
      if (json) return writeJson(manifests);
      for (const m of manifests) {
        const languages =
          m.task === "translation" ? `${m.languages.source} → ${m.languages.target}` : m.languages.target;
        await write(`${m.name}\t${m.version}\t${m.task}\t${languages}\n`);
      }
    });
}

function show(): Command {
  return new Command("show")
    .description("the manifest of a bundle")
    .argument("<name or folder>")
    .action(async (name: string) => {
      const { manifest } = await readBundle(bundleFolder(name));
      await writeJson(manifest);
    });
}

function verify(): Command {
  return new Command("verify")
    .description("check hashes, schema, tensor names and shapes, and run a sentence")
    .argument("<name or folder>")
    .addHelpText("after", "\nExample:\n  carousel models verify tatoeba-ja-en")
    .action(async (name: string) => {
      const folder = bundleFolder(name);
      const { manifest } = await verifyBundle(folder);
      const tried = await checkBundle(folder);
      const said = tried
        ? `${JSON.stringify(tried.source)} → ${JSON.stringify(tried.output)}`
        : "not run: it computes in fp16, which a CPU does not";
      await write(
        `${manifest.name} ${manifest.version}: ${Object.keys(manifest.files).length} files whole, graphs as the manifest says; ${said}\n`,
      );
    });
}

function upgrade(): Command {
  return new Command("upgrade")
    .description("write the graphs of bundles anew around their own weights, in the newest format, in their place")
    .argument("<name or folder...>")
    .addHelpText("after", "\nExample:\n  carousel models upgrade float/tatoeba-ja-en runs/m30k/bundle")
    .action(async (names: string[]) => {
      for (const name of names) {
        const { before, after, parity } = await upgradeBundle(bundleFolder(name));
        await write(
          `${after.name}: format ${before.formatVersion} ${before.version} → format ${after.formatVersion} ${after.version}; old and new agree to ${parity.toExponential(1)} nats a token\n`,
        );
      }
    });
}
