/** A proxy may show several jobs, each below a path and with a token of its own. */
const TOKEN_STORED_AS = `sessionmill-token${location.pathname}`;

/** The server asks for a token, or for another one. */
export class TokenNeeded extends Error {}

/** There is no server, or what stands in its way. */
export class ConnectionLost extends Error {}

/** The server has said no, with a sentence. */
export class Refused extends Error {}

/** Without an answer for so long, a request has failed, ms. */
const PATIENCE_MS = 5_000;

/** Keeps the token in this tab, for all requests. */
export function keepToken(token: string): void {
  sessionStorage.setItem(TOKEN_STORED_AS, token);
}

/** True when there was a token, which the server then has not liked. */
export function forgetToken(): boolean {
  const had = sessionStorage.getItem(TOKEN_STORED_AS) !== null;
  sessionStorage.removeItem(TOKEN_STORED_AS);
  return had;
}

// Paths are relative to the page: a proxy may serve it below a path of its own.

/** The answer's JSON. Throws one of the three errors above. */
export async function getJson<Answer>(path: string): Promise<Answer> {
  const response = await ask(path, "GET");
  return await whole(response.json());
}

/** The answer as a file. Throws as `getJson` does. */
export async function getFile(path: string): Promise<Blob> {
  const response = await ask(path, "GET");
  return await whole(response.blob());
}

/** Has something done; what the answer's JSON says. Throws as `getJson` does. */
export async function post<Answer>(path: string): Promise<Answer> {
  const response = await ask(path, "POST");
  return await whole(response.json());
}

/** Waits; hands a refusal's sentence on, and throws what else goes wrong. */
export async function unlessRefused(
  work: Promise<void>,
  onRefusal: (why: string) => void,
): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    onRefusal(error.message);
  }
}

async function ask(path: string, method: "GET" | "POST"): Promise<Response> {
  const token = sessionStorage.getItem(TOKEN_STORED_AS);
  const headers: Record<string, string> =
    token === null ? {} : { authorization: `Bearer ${token}` };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await whole(
    fetch(path, { method, headers, signal, cache: "no-store" }),
  );
  if (response.status === 401) throw new TokenNeeded();
  if (!response.ok) throw new Refused(await sentenceOf(response));
  return response;
}

/** A request that breaks off anywhere is a lost connection. */
async function whole<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw new ConnectionLost(String(error));
  }
}

async function sentenceOf(response: Response): Promise<string> {
  const answer: unknown = await response.json().catch(() => null);
  if (typeof answer === "object" && answer !== null) {
    const { message, error } = answer as Record<string, unknown>;
    if (typeof message === "string") return message;
    if (typeof error === "string") return error;
  }
  return `The server answers with ${response.status}.`;
}
