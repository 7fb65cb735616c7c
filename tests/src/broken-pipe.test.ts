import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { repository } from "./repository.js";

it("carousel translate ends quietly when its reader has seen enough, though its engine threads are at work", async () => {
  const command = [join(repository, "cli/dist/main.js"), "translate", "--model", "tatoeba-en-fr", "--beam", "1"];
  const child = spawn(process.execPath, command, { cwd: repository });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  child.stdin.on("error", () => {}); // it may end before it has read all
  child.stdin.end("Tom said that he would come to the party in the evening.\n".repeat(6000));
  await once(child.stdout, "data");
  child.stdout.destroy();
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(said).toBe("");
});

it.skipIf(!existsSync("/dev/full"))("says in one line that standard output cannot be written", async () => {
  const full = await open("/dev/full", "w");
  const command = [join(repository, "cli/dist/main.js"), "models", "list"];
  const child = spawn(process.execPath, command, { stdio: ["ignore", full.fd, "pipe"] });
  let said = "";
  child.stderr!.on("data", (chunk) => {
    said += chunk;
  });
  expect(await once(child, "close")).toEqual([1, null]);
  await full.close();
  expect(said).toBe("carousel: cannot write to standard output: ENOSPC: no space left on device, write\n");
});
