import { spawn } from "node:child_process";
import { once } from "node:events";
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
