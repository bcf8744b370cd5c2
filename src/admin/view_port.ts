import type { MessagePort } from "node:worker_threads";
import { messageOf, WorldError } from "../errors.ts";
import type {
  OpenSessionQuery,
  RunState,
  RunView,
} from "../observe/run_view.ts";

/** Look-ups of sessions that wait for their answers at a time; more are refused. */
const LOOK_UPS_MAX = 1_000;
/**
 * So long, ms, questions are gathered: each message wakes the main thread, and for
 * look-ups the shards, so that at any rate there are 100 of them a second at most.
 * At 2,000 look-ups a second 2 ms cost a busy run a quarter of its CPU more.
 */
const GATHER_MS = 10;

/** A question that one thread asks of the view that another one has. */
type Question =
  | { readonly id: number; readonly what: "state" | "latencies" }
  | {
      readonly id: number;
      readonly what: "sessions";
      readonly query: OpenSessionQuery;
    }
  | {
      readonly id: number;
      readonly what: "session";
      readonly visitId: string;
    };

/** A question without its number. */
type Asked = Question extends infer Each
  ? Each extends Question
    ? Omit<Each, "id">
    : never
  : never;

/** An error on its way between threads forgets what kind it was. */
type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string; readonly isWorld: boolean };

/** Collects what there is to say, for one message. */
class Outbox<Item> {
  readonly #port: MessagePort;
  readonly #whenToSend: (send: () => void) => void;
  #items: Item[] = [];

  constructor(port: MessagePort, whenToSend: (send: () => void) => void) {
    this.#port = port;
    this.#whenToSend = whenToSend;
  }

  put(item: Item): void {
    if (this.#items.length === 0) {
      this.#whenToSend(() => this.#port.postMessage(this.#items.splice(0)));
    }
    this.#items.push(item);
  }
}

/** Answers what is asked through the port by what the view says. */
export function answerThrough(port: MessagePort, view: RunView): void {
  const answers = new Outbox<Answer>(port, setImmediate);
  const answer = async (question: Question) => {
    const { id } = question;
    try {
      answers.put({ id, value: await ask(view, question) });
    } catch (error) {
      const isWorld = error instanceof WorldError;
      answers.put({ id, error: messageOf(error), isWorld });
    }
  };
  port.on("message", (questions: readonly Question[]) => {
    for (const question of questions) void answer(question);
  });
}

function ask(view: RunView, question: Question): Promise<unknown> {
  switch (question.what) {
    case "sessions":
      return view.sessions(question.query);
    case "session":
      return view.session(question.visitId);
    default:
      return view[question.what]();
  }
}

/** Who waits for an answer. */
interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * The view of a run whose answers come through a port. Questions of 10 ms are
 * one message. Look-ups throw a `WorldError` while too many of them wait; how the run
 * stands can always be asked, so that they do not make it look dead.
 */
export class PortView implements RunView {
  readonly #questions: Outbox<Question>;
  readonly #waiting = new Map<number, Waiting>();
  #lookUps = 0;
  #id = 0;

  constructor(port: MessagePort) {
    this.#questions = new Outbox(port, (send) => setTimeout(send, GATHER_MS));
    port.on("message", (answers: readonly Answer[]) => {
      for (const answer of answers) this.#take(answer);
    });
  }

  state(): Promise<RunState> {
    return this.#ask({ what: "state" });
  }

  latencies(): ReturnType<RunView["latencies"]> {
    return this.#ask({ what: "latencies" });
  }

  sessions(query: OpenSessionQuery): ReturnType<RunView["sessions"]> {
    return this.#lookUp({ what: "sessions", query });
  }

  session(visitId: string): ReturnType<RunView["session"]> {
    return this.#lookUp({ what: "session", visitId });
  }

  async #lookUp<Value>(asked: Asked): Promise<Value> {
    if (this.#lookUps >= LOOK_UPS_MAX) {
      throw new WorldError(
        `Cannot look up sessions: ${LOOK_UPS_MAX} who ask wait already; ask again later`,
      );
    }
    this.#lookUps++;
    try {
      return await this.#ask<Value>(asked);
    } finally {
      this.#lookUps--;
    }
  }

  async #ask<Value>(asked: Asked): Promise<Value> {
    const id = ++this.#id;
    const { promise, ...waiting } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#questions.put({ id, ...asked });
    return (await promise) as Value;
  }

  #take(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("value" in answer) waiting?.resolve(answer.value);
    else {
      const Kind = answer.isWorld ? WorldError : Error;
      waiting?.reject(new Kind(answer.error));
    }
  }
}
