import { createPrivateKey, X509Certificate } from "node:crypto";
import { dirname, resolve } from "node:path";
import { WorldError } from "../errors.ts";
import { unreadableReason } from "../files/file_reasons.ts";
import { readInput } from "../files/open_input.ts";
import { fileError } from "./config_file.ts";

const PEM = /-----BEGIN [A-Z0-9 ]+-----/;
const ENCRYPTED = /-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m;

/** What may be PEM text or the path of a PEM file, and what that holds. */
const CONTENTS = {
  ca: "certificate",
  cert: "certificate",
  key: "key",
} as const;

type TlsKey = keyof typeof CONTENTS;

/** A certificate or key, and how an error speaks of it. */
interface Pem {
  readonly text: string;
  /** `ssl.ca`, with the path when it came from a file of its own. */
  readonly name: string;
}

/**
 * The TLS settings of the config file `configPath` with the files that `ca`,
 * `cert` and `key` name, seen from that file, in place of their paths. Throws a
 * `UsageError` for what cannot be read or is none.
 */
export async function readTlsFiles(
  configPath: string,
  ssl: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<Record<string, unknown>> {
  const settings: Record<string, unknown> = { ...ssl };
  for (const key of Object.keys(CONTENTS) as TlsKey[]) {
    const value = ssl[key];
    if (value === undefined) continue;
    const items = Array.isArray(value) ? value : [value];
    const pems: Pem[] = [];
    for (const item of items) {
      const pem = await readPem(configPath, { key, item, signal });
      pems.push(pem);
      checkPem(configPath, { key, pem, passphrase: ssl.passphrase });
    }
    const texts = pems.map(({ text }) => text);
    settings[key] = Array.isArray(value) ? texts : texts[0];
  }
  checkPair(configPath, settings);
  return settings;
}

async function readPem(
  configPath: string,
  {
    key,
    item,
    signal,
  }: { key: TlsKey; item: unknown; signal: AbortSignal | undefined },
): Promise<Pem> {
  if (typeof item !== "string" || item === "") {
    const what = `ssl.${key} must be PEM text or the path of a PEM file`;
    throw fileError(configPath, `${what}, got ${JSON.stringify(item)}`);
  }
  if (PEM.test(item)) return { text: item, name: `ssl.${key}` };
  const path = resolve(dirname(configPath), item);
  const name = `ssl.${key} "${path}"`;
  try {
    return { text: await readInput(path, signal), name };
  } catch (error) {
    if (error instanceof WorldError) throw error;
    const why = unreadableReason(error);
    throw fileError(configPath, `${name} cannot be read: ${why}`);
  }
}

function checkPem(
  configPath: string,
  { key, pem, passphrase }: { key: TlsKey; pem: Pem; passphrase: unknown },
): void {
  const { text, name } = pem;
  try {
    if (!PEM.test(text)) throw new Error("it is no PEM text");
    if (ENCRYPTED.test(text) && passphrase === undefined) {
      throw new Error("it is encrypted, and ssl.passphrase is missing");
    }
    if (key === "key") privateKey(text, passphrase);
    else new X509Certificate(text);
  } catch (error) {
    const why = `holds no ${CONTENTS[key]} that can be used`;
    throw fileError(configPath, `${name} ${why}: ${reasonOf(error)}`);
  }
}

/** A certificate and the key of another one are each right, and no pair. */
function checkPair(
  configPath: string,
  { cert, key, passphrase }: Record<string, unknown>,
): void {
  if ((cert === undefined) !== (key === undefined)) {
    const given = cert === undefined ? "key" : "cert";
    const missing = cert === undefined ? "cert" : "key";
    throw fileError(configPath, `ssl.${given} needs its ssl.${missing}`);
  }
  if (typeof cert !== "string" || typeof key !== "string") return;
  const owner = new X509Certificate(cert);
  if (owner.checkPrivateKey(privateKey(key, passphrase))) return;
  const what = "ssl.cert and ssl.key do not belong together";
  throw fileError(configPath, what);
}

function privateKey(key: string, passphrase: unknown) {
  const secret = typeof passphrase === "string" ? { passphrase } : {};
  return createPrivateKey({ key, ...secret });
}

/** OpenSSL's reason without its numbers. */
function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return reason.replace(/^error:[0-9A-F]*:(?:[^:]*:)*/i, "");
}
