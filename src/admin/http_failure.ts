/** A request that is not answered as wished: its status, and a sentence why. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";
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
  static unavailable(message: string): HttpFailure {
    return new HttpFailure(503, message, { "retry-after": "1" });
  }
}
