import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import {
  claimFolder,
  newBrokerFolder,
  removeLeftFolders,
} from "../../../docker/local_kafka/broker_folder.ts";

/** The id of a process that is over. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid!;
}

function folderOf(owners: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), "sessionmill-kafka-"));
  writeFileSync(join(folder, "owners.json"), JSON.stringify(owners));
  writeFileSync(join(folder, "kafka.log"), "");
  return folder;
}

test("removeLeftFolders() removes what only dead processes used", async () => {
  const pid = await deadPid();
  const left = folderOf({ host: hostname(), pids: [pid] });
  const stays = [
    folderOf({ host: hostname(), pids: [pid, process.pid] }),
    folderOf({ host: "elsewhere", pids: [pid] }),
    folderOf("unreadable"),
    mkdtempSync(join(tmpdir(), "sessionmill-kafka-")),
    await newBrokerFolder(),
  ];
  const own = await newBrokerFolder();
  await claimFolder(own, [pid]);
  stays.push(own);
  try {
    assert.ok((await removeLeftFolders()).includes(left));
    assert.equal(existsSync(left), false);
    assert.deepEqual(
      stays.filter((folder) => !existsSync(folder)),
      [],
    );
  } finally {
    for (const folder of stays) rmSync(folder, { recursive: true });
  }
});
