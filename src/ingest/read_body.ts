import type { IncomingMessage } from "node:http";
import { constants, gunzipSync, zstdDecompressSync } from "node:zlib";
import { messageOf } from "../errors.ts";
import { Refusal } from "../http/refusal.ts";

/** Codings that a body may have, as `Accept-Encoding` names them. */
const ENCODINGS = "gzip, zstd";

/** Bytes that an unpacking adds at a time. */
const UNPACKED_CHUNK_BYTES = 64 * 1024;
/** 8 MiB: what RFC 9659 allows a zstd body to refer back to. */
const ZSTD_WINDOW_LOG_MAX = 23;
/** Frames that a zstd body may have: each costs time, however short it is. */
const ZSTD_FRAMES_MAX = 64;

/** The client went away before its request was all there. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}

/** What bounds the bodies of all requests together. */
export interface BodyLimits {
  /** Bytes of one body, packed and unpacked. */
  readonly bodyBytesMax: number;
  /** Takes room for so many bytes more; throws a `Refusal` when there is none. */
  take(byteLength: number): void;
}

/**
 * All of a body as it comes. `limits.take` has been called for all of its bytes
 * that came, also when this fails: with a `Refusal`, or `ClientGone`.
 */
export function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const parts: Buffer[] = [];
  let byteLength = 0;
  let hasFailed = false;
  const fail = (error: Error) => {
    hasFailed = true;
    parts.length = 0;
    reject(error);
  };
  request.on("data", (part: Buffer) => {
    // What still comes is read and dropped, so that the answer gets through.
    if (hasFailed) return;
    byteLength += part.length;
    try {
      checkSize(byteLength, limits);
      limits.take(part.length);
      parts.push(part);
    } catch (error) {
      fail(error as Error);
    }
  });
  request.on("end", () => {
    resolve(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
  });
  request.on("error", () => fail(new ClientGone("Cannot read body")));
  return promise;
}

/** Throws a `Refusal` for a body of so many bytes. */
export function checkSize(byteLength: number, limits: BodyLimits): void {
  const { bodyBytesMax } = limits;
  if (byteLength > bodyBytesMax) throw tooLarge(bodyBytesMax);
}

/**
 * Unpacks a body, never to more than a body may have: at once, so that the
 * requests of a connection stay in order. Throws a `Refusal`.
 */
export function unpackBody(
  body: Buffer,
  encoding: string | undefined,
  limits: BodyLimits,
): Buffer {
  const { bodyBytesMax } = limits;
  const name = encoding?.trim().toLowerCase() ?? "identity";
  if (name === "identity" || name === "") return body;
  const unpack = Object.hasOwn(UNPACKERS, name) ? UNPACKERS[name] : undefined;
  if (unpack === undefined) {
    throw new Refusal(
      415,
      `Cannot unpack body: Content-Encoding must be one of ${ENCODINGS}, got "${name}"`,
      { "accept-encoding": ENCODINGS },
    );
  }
  try {
    const unpacked = unpack(body, bodyBytesMax);
    checkSize(unpacked.length, limits);
    return unpacked;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(bodyBytesMax);
    const text = `Cannot unpack body as ${name}: ${messageOf(error)}`;
    throw new Refusal(400, text);
  }
}

type Unpack = (body: Buffer, maxOutputLength: number) => Buffer;

const UNPACKERS: Readonly<Record<string, Unpack>> = {
  gzip: gunzip,
  "x-gzip": gunzip,
  zstd: unpackZstd,
};

function gunzip(body: Buffer, maxOutputLength: number): Buffer {
  const chunkSize = Math.min(maxOutputLength, UNPACKED_CHUNK_BYTES);
  return gunzipSync(body, { maxOutputLength, chunkSize });
}

/** All frames one behind the other: Node's own function stops behind the first. */
function unpackZstd(body: Buffer, maxOutputLength: number): Buffer {
  const chunkSize = Math.min(maxOutputLength, UNPACKED_CHUNK_BYTES);
  const params = { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX };
  const frames: Buffer[] = [];
  let room = maxOutputLength;
  for (let rest = body; frames.length === 0 || rest.length > 0; ) {
    if (frames.length === ZSTD_FRAMES_MAX) {
      throw new Error(`it has more than ${ZSTD_FRAMES_MAX} frames`);
    }
    const options = { chunkSize, params, maxOutputLength: Math.max(1, room) };
    const { buffer, engine } = zstdDecompressSync(rest, {
      ...options,
      info: true,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    frames.push(buffer);
    room -= buffer.length;
    rest = rest.subarray(engine.bytesWritten);
  }
  return frames.length === 1 ? frames[0]! : Buffer.concat(frames);
}

function tooLarge(bodyBytesMax: number): Refusal {
  return new Refusal(
    413,
    `Cannot take body: it must have at most ${bodyBytesMax} bytes, also when unpacked`,
    // The rest of it is not read.
    { connection: "close" },
  );
}
