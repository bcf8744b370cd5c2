import type { IncomingMessage } from "node:http";
import { wallClockMs } from "../clock.ts";
import type { IngestConfig } from "../config/ingest_config.ts";
import { Refusal } from "../http/refusal.ts";
import { withoutMark } from "../source/lines/line_splitter.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import type { BodyForm } from "./body_chunks.ts";
import { BodyJudge, type Verdict } from "./body_judge.ts";
import { bodyTypeOf, formOf, typeRefusal } from "./body_type.ts";
import type { IngestCounts } from "./ingest_counts.ts";
import {
  type BodyLimits,
  checkSize,
  readBody,
  unpackBody,
} from "./read_body.ts";
import type { VisitsTopic } from "./visits_topic.ts";

/** When a client should come again, s. */
const RETRY_AFTER = { "retry-after": "1" };

/** What a client is told of visits that are in the topic, or were rejected. */
export interface VisitsAnswer {
  readonly status: 202 | 400;
  readonly json: string;
}

/** Takes the visits of requests. */
export class VisitsIntake {
  readonly #config: IngestConfig;
  readonly #topic: VisitsTopic;
  readonly #counts: IngestCounts;
  readonly #judge: BodyJudge;
  readonly #acknowledgements = new Acknowledgements();
  /** Bytes of bodies that are not written yet. */
  #bodyBytes = 0;
  #isStopping = false;

  constructor(
    config: IngestConfig,
    parts: { topic: VisitsTopic; counts: IngestCounts },
  ) {
    this.#config = config;
    this.#topic = parts.topic;
    this.#counts = parts.counts;
    this.#judge = new BodyJudge(config.topic, config);
  }

  /** Bytes of bodies and records that are held, until they are acknowledged. */
  get waitingBytes(): number {
    return this.#bodyBytes + this.#topic.waitingBytes;
  }

  /** Why no request is taken now; null when they are. */
  get trouble(): string | null {
    return this.#isStopping ? "it stops" : this.#topic.trouble;
  }

  /** Takes no more requests; those that have begun go on. */
  stop(): void {
    this.#isStopping = true;
  }

  close(): void {
    this.#acknowledgements.close();
  }

  /**
   * Writes the visits of a request; resolves when they are in the topic. Throws
   * a `Refusal`, or `ClientGone`.
   */
  async take(request: IncomingMessage): Promise<VisitsAnswer> {
    const { headers } = request;
    const contentType = headers["content-type"];
    const takesText = this.#config.cors !== null;
    const type = bodyTypeOf(contentType, takesText);
    if (type === null) throw typeRefusal(contentType, takesText);
    const announced = Number(headers["content-length"] ?? 0);
    let takenBytes = 0;
    const limits: BodyLimits = {
      bodyBytesMax: this.#config.bodyBytesMax,
      take: (byteLength) => {
        takenBytes += byteLength;
        this.#bodyBytes += byteLength;
        this.#counts.bodyBytes += byteLength;
        this.#checkRoom(0);
      },
    };
    checkReady(this.trouble);
    checkSize(announced, limits);
    this.#checkRoom(announced);
    try {
      const packed = await readBody(request, limits);
      const coding = headers["content-encoding"];
      const body = withoutMark(unpackBody(packed, coding, limits));
      return await this.#write(body, formOf(body, type), () => {
        this.#bodyBytes -= takenBytes;
        takenBytes = 0;
      });
    } finally {
      this.#bodyBytes -= takenBytes;
    }
  }

  /** `onWritten` is called when the body is not needed any more. */
  async #write(
    body: Buffer,
    form: BodyForm,
    onWritten: () => void,
  ): Promise<VisitsAnswer> {
    const counts = this.#counts;
    // The brokers may have gone while the body came.
    checkReady(this.#topic.trouble);
    const waiting = this.#acknowledgements.begin();
    let accepted = 0;
    let verdict: Verdict;
    try {
      verdict = this.#judge.judge(body, {
        form,
        nowMs: Math.floor(wallClockMs()),
        take: (parts) => {
          const isTaken = this.#topic.add(parts, waiting);
          if (isTaken) accepted++;
          if (isTaken) counts.judged++;
          return isTaken;
        },
        onRejected(reason) {
          counts.judged++;
          counts.rejected(reason);
        },
      });
      onWritten();
      if (accepted > 0) await waiting.whenThere;
      else waiting.acknowledged();
    } catch (error) {
      waiting.acknowledged();
      if (error instanceof Refusal) throw error;
      counts.unconfirmed += accepted;
      throw notAcknowledged();
    }
    counts.accepted += accepted;
    return answerOf(verdict, form);
  }

  #checkRoom(byteLength: number): void {
    const { waitingBytesMax } = this.#config;
    if (this.waitingBytes + byteLength <= waitingBytesMax) return;
    throw new Refusal(
      429,
      `Cannot take visits now: more than ${waitingBytesMax} bytes wait to be written`,
      RETRY_AFTER,
    );
  }
}

function checkReady(trouble: string | null): void {
  if (trouble === null) return;
  throw new Refusal(503, `Cannot take visits now: ${trouble}`, RETRY_AFTER);
}

/** The log says why: an answer may go to anybody. */
function notAcknowledged(): Refusal {
  return new Refusal(
    503,
    "Cannot confirm visits: Kafka has not acknowledged them; they may be in the topic or not, send them again",
    RETRY_AFTER,
  );
}

function answerOf(
  { accepted, rejected, rejections }: Verdict,
  form: BodyForm,
): VisitsAnswer {
  if (rejected === 0) {
    return { status: 202, json: `{"accepted":${accepted}}` };
  }
  const isLines = form === "lines";
  const listed = rejections.map(({ at, reason }) =>
    isLines ? { line: at + 1, reason } : { index: at, reason },
  );
  const json = JSON.stringify({ accepted, rejected, rejections: listed });
  return { status: 400, json };
}
