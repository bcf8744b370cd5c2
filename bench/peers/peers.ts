import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { cacheFolder, makeOnce } from "../../docker/local_kafka/make_once.ts";
import { runTool } from "../../docker/local_kafka/run_tool.ts";

/** What the processor can be compared with. */
export type Peer = "flink" | "kafkajs";

/** Where a peer reads visits, up to the present end, and writes sessions. */
export interface PeerOptions {
  /** Bootstrap addresses, comma-joined. */
  brokers: string;
  inTopic: string;
  /** Must be there. */
  outTopic: string;
  /** What Flink is to promise: `none` or `exactly-once`. */
  guarantee: string;
}

/** What a peer took, from its first record to its last acknowledged session. */
export interface PeerResult {
  visits: number;
  wallSeconds: number;
  /** Of the whole process, just-in-time compilation and collection included. */
  cpuSeconds: number;
  peakRssBytes: number;
}

const FLINK_FOLDER = join(import.meta.dirname, "flink");
const KAFKAJS_PEER = join(import.meta.dirname, "kafkajs", "peer.ts");
const PLUGINS = "org.apache.maven.plugins";
const COMPILE = `${PLUGINS}:maven-compiler-plugin:3.13.0:compile`;
const COPY_JARS = `${PLUGINS}:maven-dependency-plugin:3.8.1:copy-dependencies`;

// bench/README.md says why these.
const JVM_FLAGS = [
  ...["-Xms2g", "-Xmx2g", "-Xmn1500m", "-XX:+UseParallelGC"],
  "--add-opens=java.base/java.util=ALL-UNNAMED",
  "--add-opens=java.base/java.lang=ALL-UNNAMED",
];

/**
 * Runs a peer in a process of its own over all of a topic. Throws a
 * `WorldError` with its last lines when it fails.
 */
export async function runPeer(
  peer: Peer,
  options: PeerOptions,
): Promise<PeerResult> {
  const topics = [options.brokers, options.inTopic, options.outTopic];
  const stdout =
    peer === "flink"
      ? await runFlink([...topics, options.guarantee])
      : await runTool(process.execPath, [KAFKAJS_PEER, ...topics]);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as PeerResult;
}

/** Builds what the peer needs, so that the first run is like the others. */
export async function preparePeer(peer: Peer): Promise<void> {
  if (peer === "flink") await flinkClassPath();
}

async function runFlink(args: string[]): Promise<string> {
  const classPath = ["-cp", await flinkClassPath()];
  const main = "sessionmill.peer.FlinkPeer";
  return await runTool("java", [...JVM_FLAGS, ...classPath, main, ...args]);
}

/** Builds the job with Maven into the cache folder, once for its sources. */
async function flinkClassPath(): Promise<string> {
  const folder = join(cacheFolder(), `flink-peer-${sourcesHash()}`);
  await makeOnce(folder, async (unfinished) => {
    await runTool("mvn", [
      ...["-B", "-q", "-f", join(FLINK_FOLDER, "pom.xml")],
      ...[`-Dbuild.folder=${unfinished}`, COMPILE, COPY_JARS],
      ...["-DincludeScope=runtime", `-DoutputDirectory=${unfinished}/jars`],
    ]);
  });
  return `${join(folder, "classes")}:${join(folder, "jars", "*")}`;
}

function sourcesHash(): string {
  const hash = createHash("sha256");
  const files = globSync("{pom.xml,src/**/*.java}", { cwd: FLINK_FOLDER });
  for (const file of files.sort()) {
    hash.update(file).update(readFileSync(join(FLINK_FOLDER, file)));
  }
  return hash.digest("hex").slice(0, 12);
}
