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
}

/** The client went away before its request was all there. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}
