import { inflateSync } from "node:zlib";
import { decodeFromCompressedBase64, type JsHistogram } from "hdr-histogram-js";
import { messageOf } from "../errors.ts";

/** Cookie of a V2 histogram, whatever the size of its words. */
const COOKIE = 0x1c849303;
const HEADER_BYTES = 40;
/** More than the counts of any histogram of five digits take. */
const INFLATED_MAX = 32 * 1024 * 1024;

/** Unpacks a histogram. Throws an error that says why the text is none. */
export function unpackHistogram(encoded: string): JsHistogram {
  if (encoded.startsWith("DHIST")) {
    throw new Error(
      "it holds a histogram of doubles, expected one of integers",
    );
  }
  try {
    check(Buffer.from(encoded, "base64"));
    const histogram = decodeFromCompressedBase64(encoded, 64) as JsHistogram;
    if (!Number.isSafeInteger(histogram.totalCount)) {
      throw new Error("its counts are no numbers");
    }
    return histogram;
  } catch (error) {
    throw new Error(
      `its histogram cannot be read (${messageOf(error)}), expected one of HdrHistogram's V2 compressed form`,
    );
  }
}

/**
 * Adds what another histogram has counted. One of other precision has other
 * buckets: what is in one of them counts as its end, as in every percentile. The
 * library's own `add`, Java's too, takes the start, and the sum is below what was
 * recorded.
 */
export function addHistogram(total: JsHistogram, other: JsHistogram): void {
  const isAlike =
    total.subBucketCount === other.subBucketCount &&
    total.unitMagnitude === other.unitMagnitude;
  if (isAlike) {
    total.add(other);
    return;
  }
  // The largest first: the total grows once.
  for (let at = other.countsArrayLength - 1; at >= 0; at--) {
    const count = other.getCountAtIndex(at);
    if (count === 0) continue;
    const end = other.highestEquivalentValue(other.valueFromIndex(at));
    total.recordValueWithCount(end, count);
  }
}

/** What the library would trust: a size in the header, an endless inflation. */
function check(compressed: Buffer): void {
  const bytes = inflateSync(compressed.subarray(8), {
    maxOutputLength: INFLATED_MAX,
  });
  if (
    bytes.length < HEADER_BYTES ||
    (bytes.readInt32BE(0) & ~0xf0) !== COOKIE
  ) {
    throw new Error("it does not begin as one");
  }
  const payload = bytes.readInt32BE(4);
  if (payload !== bytes.length - HEADER_BYTES) {
    throw new Error(
      `it has ${bytes.length - HEADER_BYTES} bytes of ${payload}`,
    );
  }
}
