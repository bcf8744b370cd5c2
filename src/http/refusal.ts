/** Characters of what was given that an answer repeats. */
const GIVEN_MAX = 100;

/** Why a request is not served: the status and the sentence of its answer. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    statusCode: number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.statusCode = statusCode;
    this.headers = headers;
  }

  /** What is asked for cannot be had just now: 503, to be asked again. */
  static unavailable(message: string): Refusal {
    return new Refusal(503, message, { "retry-after": "1" });
  }
}

/** What was given, for the sentence of an answer. */
export function shortJson(given: unknown): string {
  const json = JSON.stringify(given);
  return json.length <= GIVEN_MAX ? json : `${json.slice(0, GIVEN_MAX)}…`;
}
