import {
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

const PREFIX = "sessionmill-kafka-";
const OWNERS = "owners.json";

/** Who uses a folder; on another host, process ids mean other processes. */
interface Owners {
  host: string;
  pids: number[];
}

/** Makes a folder for a broker's settings, data and log. */
export async function newBrokerFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  await claimFolder(folder, []);
  return folder;
}

/** Notes that this process and those of `pids` use the folder. */
export async function claimFolder(
  folder: string,
  pids: readonly number[],
): Promise<void> {
  const owners: Owners = { host: hostname(), pids: [process.pid, ...pids] };
  await writeFile(join(folder, OWNERS), JSON.stringify(owners));
}

/**
 * Removes the folders of brokers whose processes are all gone, such as after a
 * kill -9 of everything; gives their paths. What it cannot read or remove is
 * somebody else's and stays.
 */
export async function removeLeftFolders(): Promise<string[]> {
  const names = await readdir(tmpdir());
  const removed: string[] = [];
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    try {
      if (!(await isLeft(folder))) continue;
      await rm(folder, { recursive: true, force: true });
      removed.push(folder);
    } catch {
      // Not ours, or another start removes it at this moment.
    }
  }
  return removed;
}

async function isLeft(folder: string): Promise<boolean> {
  if ((await stat(folder)).uid !== process.getuid?.()) return false;
  const text = await readFile(join(folder, OWNERS), "utf8");
  const { host, pids } = JSON.parse(text) as Owners;
  return host === hostname() && !pids.some(isAlive);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
