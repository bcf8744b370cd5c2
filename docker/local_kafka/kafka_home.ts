import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeProperties } from "./broker_properties.ts";
import { type KafkaHome, launchKafka } from "./kafka_process.ts";
import { cacheFolder, makeOnce } from "./make_once.ts";
import { runTool } from "./run_tool.ts";

/** The Apache Kafka that is started. */
export const KAFKA_VERSION = "4.1.2";

const COPY_DEPENDENCIES =
  "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/**
 * Kafka's jars, fetched by Maven into the cache folder on first use (about 45
 * MB). Throws a `WorldError` when Java or Maven is missing or Maven fails.
 */
export async function kafkaHome(): Promise<KafkaHome> {
  const folder = join(cacheFolder(), `kafka-${KAFKA_VERSION}`);
  const jars = join(folder, "jars");
  const home: KafkaHome = {
    classPath: join(jars, "*"),
    emptyData: join(folder, "empty-data"),
    classArchive: join(folder, "classes.jsa"),
  };
  await makeOnce(jars, downloadJars);
  await makeOnce(home.emptyData, (data) => formatData(home, data));
  await makeOnce(home.classArchive, (archive) => archiveClasses(home, archive));
  return home;
}

async function downloadJars(folder: string): Promise<void> {
  const pom = join(import.meta.dirname, "pom.xml");
  await runTool("mvn", [
    ...["-B", "-q", "-f", pom, `-Dkafka.version=${KAFKA_VERSION}`],
    ...[COPY_DEPENDENCIES, "-DincludeScope=runtime"],
    `-DoutputDirectory=${folder}`,
  ]);
}

async function formatData(home: KafkaHome, data: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sessionmill-format-"));
  try {
    const file = join(folder, "server.properties");
    await writeProperties(file, { port: 1, controllerPort: 2, data });
    const tool = ["-cp", home.classPath, "kafka.tools.StorageTool"];
    const cluster = ["-t", "c2Vzc2lvbm1pbGxrYWZrYQ"];
    await runTool("java", [...tool, "format", ...cluster, "-c", file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts and stops a broker once for the JVM to see which classes it loads. */
async function archiveClasses(home: KafkaHome, archive: string): Promise<void> {
  const training = await launchKafka(home, {
    jvmFlags: [`-XX:ArchiveClassesAtExit=${archive}`],
  });
  await training.stop();
  await rm(training.folder, { recursive: true, force: true });
}
