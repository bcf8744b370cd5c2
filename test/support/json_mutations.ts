import type { Random } from "../../src/generate/random.ts";
import { VisitWriter } from "../../src/generate/visit_writer.ts";

const START_MS = Date.UTC(2024, 5, 1);

/** Bytes that JSON gives a meaning, and some that it does not allow. */
export const TELLING_BYTES = Buffer.from(
  '"\\{}[],:0123456789-+.eEuntfal \t\n\r/Zé\u{1f600}\x00\x01\x1f\x7f',
);

/** Visits of many shapes, all of them valid. */
export const SAMPLE_RECORDS: readonly Buffer[] = [
  ...generatedRecords(6),
  ...[
    '{"visit_id":"v1","event_time":"2024-06-01T01:12:04Z","page":"home"}',
    '{"event_time": "2024-06-01 01:12:04.123456-0530", "visit_id": "a", "user_id": null}',
    '\t{ "page" : "a\\/b\\u00e9" ,\r\n"visit_id" : "v\\"1" , "event_time":"2024-02-29T23:59Z" }\n',
    '{"visit_id":"ünï","event_time":"2024-06-01T01:12:04+05:30","page":"\u{1f600}","user_id":"\x7f","n":"é"}',
    '{"a":[],"b":{},"c":[[1,-0,2.5e+3,0.1E-2,[{"x":[null,true,false]}]],"s"],"visit_id":"k","event_time":"1969-12-31T23:59:59.9999Z"}',
    '{"visit_id":"first","context":{"visit_id":"inner"},"event_time":"2024-06-01T01:12:04Z","visit_id":"last"}',
    '{"\\u0076isit_id":"escaped","event\\u005ftime":"2024-06-01T01:12:04Z","p\\u0061ge":"x","user_id":"u"}',
    '{"visit_id":"a","event_time":"2024-06-01T01:12:04Z","visit_id":"b","page":{},"page":"p","user_id":3,"user_id":null}',
    '{"visit_id":"\\ud800","event_time":"2024-06-01T01:12:04Z","page":"\\udc00\\ud83d\\ude00","größe":1,"__proto__":{"visit_id":"x"}}',
    '{"visit_id":"old","event_time":"0001-01-01T00:00+00:00","page":"the first minute"}',
  ].map((text) => Buffer.from(text)),
];

/**
 * Records with keys that read alike: each made V8's `JSON.parse` read another
 * one wrong when that came later.
 */
export const LIKE_KEYS: readonly string[] = [
  // One more key, which ends in a backslash: no visit, and two that are visits.
  '{"event_time":"2024-03-01T00:00:00Z","page":"a","visit_i\\\\":"x"}',
  '{"visit_id":"p0","event_time":"2024-03-01T00:00:00Z","page":"b","visit_i\\\\":"x"}',
  '{"visit_id":"p2","event_time":"2024-03-01T00:00:00Z","page":"c","user_i\\\\":"x"}',
  // Visits whose last key is written with an escape.
  '{"event_time":"2024-03-01T00:00:00Z","page":"d","visit_i\\u0064":"v1"}',
  '{"visit_id":"v2","event_time":"2024-03-01T00:00:00Z","page":"e","user_i\\u0064":"someone"}',
  '{"visit_id":"a0","event_time":"2024-03-01T00:00:00Z","page":"f","visit_i\\u0064":"b0"}',
];

/** The first `count` visits of the generator's writer. */
export function generatedRecords(count: number): Buffer[] {
  const writer = new VisitWriter(7, START_MS);
  const bytes = Buffer.alloc(2048);
  return Array.from({ length: count }, (_, serial) => {
    const eventSeconds = START_MS / 1000 + serial * 40_000;
    const visit = { serial, eventSeconds, page: serial % 46 };
    return Buffer.from(bytes.subarray(0, writer.write(bytes, 0, visit)));
  });
}

/** A copy of a record with one to three random changes. */
export function mutated(random: Random, record: Buffer): Buffer {
  let result = record;
  for (let changes = random.between(1, 3); changes > 0; changes--) {
    result = mutatedOnce(random, result);
  }
  return result;
}

function mutatedOnce(random: Random, record: Buffer): Buffer {
  const at = random.below(record.length + 1);
  const head = record.subarray(0, at);
  const byte = Buffer.of(
    random.below(3) === 0
      ? random.below(256)
      : TELLING_BYTES[random.below(TELLING_BYTES.length)]!,
  );
  switch (random.below(8)) {
    case 0:
      return head;
    case 1:
      return Buffer.concat([head, byte, record.subarray(at)]);
    case 2:
      return Buffer.concat([head, record.subarray(at + random.between(1, 4))]);
    case 3: {
      const slice = record.subarray(at, at + random.below(40));
      return Buffer.concat([head, slice, record.subarray(at)]);
    }
    case 4: {
      const flipped = Buffer.from(record);
      if (at < record.length) flipped[at]! ^= 1 << random.below(8);
      return flipped;
    }
    default:
      return Buffer.concat([head, byte, record.subarray(at + 1)]);
  }
}
