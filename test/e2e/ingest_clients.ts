import { Agent, request } from "node:http";
import type { KafkaBroker } from "../../docker/local_kafka/kafka_broker.ts";
import { Command } from "./command.ts";
import { visitJson } from "./produce.ts";

let topics = 0;

/** An ingest into a new topic of a broker, when it takes visits. */
export async function startIngest(broker: KafkaBroker, ...flags: string[]) {
  const topic = `visits-${topics++}`;
  await broker.createTopic(topic, { partitions: 3 });
  const ingest = new Command(
    [
      ...["ingest", "--brokers", broker.brokers, "--to", `kafka:${topic}`],
      ...["--listen", "127.0.0.1:0", ...flags],
    ],
    { deadlineMs: 120_000 },
  );
  await ingest.until(() => /taking visits at/.test(ingest.stderr));
  const url = /taking visits at (\S+)\/visits/.exec(ingest.stderr)![1]!;
  return { ingest, url, topic };
}

/** What a client is told. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** Posts a body; rejects when there is no answer. */
export function post(url: string, body: string, agent: Agent): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const headers = { "content-type": "application/json" };
  const sent = request(`${url}/visits`, { method: "POST", agent, headers });
  sent.on("response", (answer) => {
    answer.resume().on("end", () => {
      const retryAfter = answer.headers["retry-after"];
      resolve({ status: answer.statusCode!, retryAfter });
    });
    answer.on("error", reject);
  });
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

/**
 * Clients on a connection each that send visits of one visit_id each, numbered
 * by their page, and send none again; until one of their requests gets no 202.
 */
export class Clients {
  readonly accepted = new Map<string, number[]>();
  readonly refused: Answer[] = [];
  readonly #done: Promise<unknown>;

  constructor(url: string, count: number) {
    const ids = Array.from({ length: count }, (_, index) => `client-${index}`);
    this.#done = Promise.all(ids.map((id) => this.#send(url, id)));
  }

  get acceptedCount(): number {
    return [...this.accepted.values()].flat().length;
  }

  async ended(): Promise<void> {
    await this.#done;
  }

  async #send(url: string, id: string): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const pages: number[] = [];
    this.accepted.set(id, pages);
    for (let page = 0; ; page++) {
      const body = visitJson(id, { page: String(page) });
      const answer = await post(url, body, agent).catch(() => null);
      if (answer?.status === 202) pages.push(page);
      else {
        if (answer !== null) this.refused.push(answer);
        break;
      }
    }
    agent.destroy();
  }
}
