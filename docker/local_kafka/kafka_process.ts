import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { cp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WorldError } from "../../src/errors.ts";
import { claimFolder, newBrokerFolder } from "./broker_folder.ts";
import { writeProperties } from "./broker_properties.ts";
import { freePort } from "./free_port.ts";
import { INSTALL_HINT } from "./run_tool.ts";
import { type Watchdog, watchParent } from "./watchdog.ts";

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 20;
const LOG_TAIL_LINES = 15;

const LOG_FLAGS = [
  "-Dorg.slf4j.simpleLogger.logFile=System.out",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
  "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
];

/** Where an unpacked Kafka lies, and what makes its start quick. */
export interface KafkaHome {
  /** The class path for `java -cp`. */
  classPath: string;
  /** A formatted, empty data folder to be copied. */
  emptyData: string;
  /** The JVM's archive of the broker's loaded classes: halves its start. */
  classArchive: string;
}

/** Choices for one broker process; every one of them has a default. */
export interface LaunchOptions {
  port?: number;
  heapMb?: number;
  jvmFlags?: string[];
  config?: Record<string, string>;
  /** The folder of an earlier broker, to go on with its data and ports. */
  folder?: string;
}

/** A broker process that answers. It dies with the process that started it. */
export interface KafkaProcess {
  port: number;
  pid: number;
  /** Its settings, data and log; left in place when it stops. */
  folder: string;
  /** How it ended, with the end of its log, once it has; never rejects. */
  ended: Promise<string>;
  /** Ends it, by default in good order, and waits until it is gone. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** Starts a broker in a folder of its own and waits until it is ready. */
export async function launchKafka(
  home: KafkaHome,
  options: LaunchOptions = {},
): Promise<KafkaProcess> {
  const port = options.port ?? (await freePort());
  const folder = options.folder ?? (await newFolder(home, port, options));
  const child = spawnBroker(home, { folder, options });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const watchdog = watchParent(child.pid, folder);
  try {
    if (child.pid !== undefined) await claimFolder(folder, [child.pid]);
    await waitUntilReady(child, folder);
  } catch (error) {
    await end({ child, exited, watchdog }, "SIGKILL");
    // The data of an earlier start is left to who has it.
    if (options.folder === undefined) await rm(folder, { recursive: true });
    throw error;
  }
  return {
    port,
    pid: child.pid ?? 0,
    folder,
    ended: exited.then(() => describeEnd(child, folder)),
    stop: (signal = "SIGTERM") => end({ child, exited, watchdog }, signal),
  };
}

async function newFolder(
  home: KafkaHome,
  port: number,
  options: LaunchOptions,
): Promise<string> {
  const folder = await newBrokerFolder();
  const data = join(folder, "data");
  await cp(home.emptyData, data, { recursive: true });
  const place = { port, controllerPort: await freePort(), data };
  const config = options.config ?? {};
  await writeProperties(join(folder, "server.properties"), {
    ...place,
    config,
  });
  return folder;
}

function spawnBroker(
  home: KafkaHome,
  { folder, options }: { folder: string; options: LaunchOptions },
): ChildProcess {
  const flags = options.jvmFlags ?? [
    `-XX:SharedArchiveFile=${home.classArchive}`,
    "-Xlog:disable",
  ];
  const heap = [`-Xmx${options.heapMb ?? 512}m`, "-XX:+UseParallelGC"];
  const log = openSync(join(folder, "kafka.log"), "w");
  const args = [...heap, ...flags, ...LOG_FLAGS, "-cp", home.classPath];
  // In a group of its own, so that Ctrl-C in a terminal reaches only us.
  const child = spawn(
    "java",
    [...args, "kafka.Kafka", join(folder, "server.properties")],
    { stdio: ["ignore", log, log], detached: true },
  );
  closeSync(log);
  child.unref();
  return child;
}

async function waitUntilReady(
  child: ChildProcess,
  folder: string,
): Promise<void> {
  let spawnError: NodeJS.ErrnoException | undefined;
  child.once("error", (error) => {
    spawnError = error;
  });
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const log = await readFile(join(folder, "kafka.log"), "utf8");
    if (log.includes("Kafka Server started")) return;
    if (spawnError?.code === "ENOENT") {
      const why = `java is not on the PATH, ${INSTALL_HINT}`;
      throw new WorldError(`Cannot start Kafka: ${why}`);
    }
    if (child.exitCode !== null || child.signalCode !== null) {
      const end = await describeEnd(child, folder);
      throw new WorldError(`Cannot start Kafka: it ended at once, ${end}`);
    }
    await sleep(POLL_MS);
  }
  const seconds = START_TIMEOUT_MS / 1000;
  throw new WorldError(`Cannot start Kafka: not ready after ${seconds} s`);
}

async function describeEnd(
  { exitCode, signalCode }: ChildProcess,
  folder: string,
): Promise<string> {
  const how =
    signalCode === null ? `exit code ${exitCode}` : `signal ${signalCode}`;
  const file = join(folder, "kafka.log");
  const log = await readFile(file, "utf8").catch(() => "");
  const tail = log.trim().split("\n").slice(-LOG_TAIL_LINES);
  return [how, ...tail].join("\n").trim();
}

async function end(
  running: {
    child: ChildProcess;
    exited: Promise<void>;
    watchdog: Watchdog;
  },
  signal: "SIGTERM" | "SIGKILL",
): Promise<void> {
  // The waiting itself must keep this process alive: the child does not.
  const force = setTimeout(
    () => running.child.kill("SIGKILL"),
    STOP_TIMEOUT_MS,
  );
  running.child.kill(signal);
  await running.exited;
  clearTimeout(force);
  running.watchdog.dismiss();
}
