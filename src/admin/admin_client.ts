import { messageOf, WorldError } from "../errors.ts";

const TIMEOUT_MS = 10_000;

/** Why nobody answers, by the code of the failure, or its text where it has none. */
const FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    "nothing listens there; is the job running, and not with --admin off? Where it serves elsewhere, say --admin http://HOST:PORT",
  ENOTFOUND: "there is no host of that name",
  EAI_AGAIN: "there is no host of that name",
  ECONNRESET: "the connection was closed, it may be another server",
  UND_ERR_SOCKET: "the connection was closed, it may be another server",
  HPE_INVALID_CONSTANT: "what answers there does not speak HTTP",
  ERR_SSL_WRONG_VERSION_NUMBER:
    "what answers there does not speak TLS, it is http:// without an s",
  // So `fetch` says of those that browsers do not open.
  "bad port":
    "HTTP clients ask nothing of that port, as it is of another protocol: serve the job at another one, such as --admin 127.0.0.1:9464",
};

/** Asks the admin server of a job. */
export class AdminClient {
  readonly #url: string;
  readonly #token: string | null;

  /** `url`: without a slash at its end. */
  constructor(url: string, token: string | null) {
    this.#url = url;
    this.#token = token;
  }

  /** The text of an answer. Throws a `WorldError` that says why there is none. */
  async text(path: string): Promise<string> {
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(`${this.#url}${path}`, {
        headers:
          this.#token === null
            ? {}
            : { authorization: `Bearer ${this.#token}` },
        // A token is for this server, and for no other.
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      text = await answer.text();
    } catch (error) {
      throw this.#error(reasonOf(error));
    }
    if (answer.ok) return text;
    throw this.#error(refusalOf(answer.status, text));
  }

  /** The JSON of an answer. Throws a `WorldError` that says why there is none. */
  async json(path: string): Promise<unknown> {
    const text = await this.text(path);
    try {
      return JSON.parse(text);
    } catch {
      throw this.#error("what answers there is no admin server of sessionmill");
    }
  }

  #error(why: string): WorldError {
    return new WorldError(`Cannot ask the job at ${this.#url}: ${why}`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") {
    return `no answer within ${TIMEOUT_MS / 1000} s`;
  }
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = cause instanceof Error && "code" in cause ? cause.code : "";
  const message = messageOf(cause);
  return FAILURES[String(code)] ?? FAILURES[message] ?? message;
}

function refusalOf(status: number, text: string): string {
  if (status === 401) {
    return "it wants the token that the job has, give it with --admin-token or SESSIONMILL_ADMIN_TOKEN";
  }
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // Not one of ours.
  }
  return `what answers there is no admin server of sessionmill (status ${status})`;
}
