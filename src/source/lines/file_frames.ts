import type { FileHandle } from "node:fs/promises";

/** Bytes read at a time. */
const FRAME_BYTES = 512 << 10;

/**
 * The bytes of a file, in two frames that take turns: one is read while the
 * other is worked on. What is yielded is dead when the next one is asked for.
 */
export async function* fileFrames(handle: FileHandle): AsyncIterable<Buffer> {
  let current = Buffer.allocUnsafeSlow(FRAME_BYTES);
  let next = Buffer.allocUnsafeSlow(FRAME_BYTES);
  let { bytesRead } = await handle.read(current, 0, FRAME_BYTES);
  while (bytesRead > 0) {
    const reading = handle.read(next, 0, FRAME_BYTES);
    // A failure is met at the await below, also when nobody asks for more.
    reading.catch(() => {});
    yield current.subarray(0, bytesRead);
    ({ bytesRead } = await reading);
    [current, next] = [next, current];
  }
}
