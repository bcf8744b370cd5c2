import type { Address } from "./config.ts";

// Apart from the options, which load what reads them: servers have a thread each
// that shows an address, and starts with less.

const ADDRESS_TEXT = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:,[\]/]+)):(\d{1,5})$/;

/** Reads HOST:PORT; undefined for other text. */
export function parseAddress(text: string): Address | undefined {
  const match = ADDRESS_TEXT.exec(text);
  const port = Number(match?.[3] ?? -1);
  if (match === null || port > 65_535) return undefined;
  return { host: (match[1] ?? match[2])!, port };
}

/** HOST:PORT, as in a URL. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
