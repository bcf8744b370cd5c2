/** Whether only programs of this host reach the address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}

/** Why a server cannot listen, in words; `choice` says how to take another port. */
export function listenFailure(error: unknown, choice: string): string {
  if (!(error instanceof Error)) return String(error);
  switch ("code" in error ? error.code : "") {
    case "EADDRINUSE":
      return `the port is taken, ${choice}`;
    case "EACCES":
      return "this user may not take that port";
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return "this host has no such address";
    default:
      return error.message;
  }
}
