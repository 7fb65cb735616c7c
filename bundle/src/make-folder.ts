import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it that are missing. Node's `recursive` never returns where a folder is there in which none
 * can be made, such as /proc: it takes the ENOENT for a parent that is missing, and tries again.
 * @returns the topmost that was made, if any
 * @throws Error naming the folder that cannot be made
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  if (await isFolder(folder)) return undefined;
  const above = dirname(folder);
  const first = above === folder ? undefined : await makeFolder(above);
  await mkdir(folder).catch(async (cause: Error) => {
    if (await isFolder(folder)) return; // another has made it meanwhile
    throw new Error(`the folder ${folder} cannot be made: ${cause.message}`, { cause });
  });
  return first ?? folder;
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
