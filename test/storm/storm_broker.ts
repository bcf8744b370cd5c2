import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newBrokerFolder } from "../../docker/local_kafka/broker_folder.ts";
import { writeProperties } from "../../docker/local_kafka/broker_properties.ts";
import { freePort } from "../../docker/local_kafka/free_port.ts";
import {
  type KafkaBroker,
  startKafka,
} from "../../docker/local_kafka/kafka_broker.ts";
import { kafkaHome } from "../../docker/local_kafka/kafka_home.ts";
import {
  type KafkaProcess,
  launchKafka,
} from "../../docker/local_kafka/kafka_process.ts";
import { TEST_BROKER } from "../support/test_kafka.ts";

/** As `docker/local_kafka` formats every broker. */
const CLUSTER_ID = "c2Vzc2lvbm1pbGxrYWZrYQ";
const SECOND_DIRECTORY_ID = "c2Vzc2lvbm1pbGxzZWNvbg";

/** Topics of two replicas, led by both brokers in turn, at once. */
const REPLICATED = {
  "default.replication.factor": "2",
  "offsets.topic.replication.factor": "2",
  "transaction.state.log.replication.factor": "2",
  "leader.imbalance.check.interval.seconds": "3",
  "leader.imbalance.per.broker.percentage": "0",
};

/** A broker with a second listener, which says to be where a proxy may be. */
export interface StormBroker extends KafkaBroker {
  /** The port that the second listener advertises; nobody listens there. */
  readonly proxyPort: number;
  /** The port of the second listener itself. */
  readonly proxiedPort: number;
  /** The id of its cluster's controllers, for one more broker. */
  readonly controllerPort: number;
}

/** Starts the broker of a storm; `isReplicated` when another one comes. */
export async function startStormBroker({
  isReplicated = false,
} = {}): Promise<StormBroker> {
  const port = await freePort();
  const controllerPort = await freePort();
  const proxiedPort = await freePort();
  const proxyPort = await freePort();
  const at = (name: string, number: number) => `${name}://127.0.0.1:${number}`;
  const plain = at("PLAINTEXT", port);
  const broker = await startKafka({
    ...TEST_BROKER,
    port,
    config: {
      "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
      listeners: `${plain},${at("PROXIED", proxiedPort)},${at("CONTROLLER", controllerPort)}`,
      "advertised.listeners": `${plain},${at("PROXIED", proxyPort)}`,
      "listener.security.protocol.map":
        "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT",
      "inter.broker.listener.name": "PLAINTEXT",
      ...(isReplicated ? REPLICATED : {}),
    },
  });
  // Not a copy: its process changes with a restart.
  return Object.assign(broker, { proxyPort, proxiedPort, controllerPort });
}

/** One more broker of a storm's cluster; the first has the controller. */
export class SecondBroker {
  readonly brokers: string;
  readonly #folder: string;
  readonly #port: number;
  #running: KafkaProcess | null = null;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.brokers = `127.0.0.1:${port}`;
  }

  static async start(first: StormBroker): Promise<SecondBroker> {
    const folder = await newBrokerFolder();
    const port = await freePort();
    const { controllerPort } = first;
    const data = join(folder, "data");
    await mkdir(data);
    const meta = `version=1\nnode.id=2\ncluster.id=${CLUSTER_ID}\ndirectory.id=${SECOND_DIRECTORY_ID}\n`;
    await writeFile(join(data, "meta.properties"), meta);
    await writeProperties(join(folder, "server.properties"), {
      ...{ port, controllerPort, data },
      config: {
        ...REPLICATED,
        "process.roles": "broker",
        "node.id": "2",
        listeners: `PLAINTEXT://127.0.0.1:${port}`,
      },
    });
    const second = new SecondBroker(folder, port);
    await second.launch();
    return second;
  }

  /** Starts it, with the data that it has. */
  async launch(): Promise<void> {
    const port = this.#port;
    const folder = this.#folder;
    const options = { ...TEST_BROKER, port, folder };
    this.#running = await launchKafka(await kafkaHome(), options);
  }

  /** Ends it; its data stays. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    await this.#running?.stop(signal);
    this.#running = null;
  }

  /** Ends it and removes its data. */
  async remove(): Promise<void> {
    await this.stop("SIGKILL");
    await rm(this.#folder, { recursive: true, force: true });
  }
}
