import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod/mini";
import { type OptionType, optionalOption } from "../../src/config/option.ts";
import { ADDRESS, TOPIC } from "../../src/config/place_types.ts";
import { TOKEN } from "../../src/config/plain_types.ts";
import { printConfig } from "../../src/config/print_config.ts";
import { resolveOptions } from "../../src/config/resolve_options.ts";

const OPTIONS = {
  // Files may have no key that is none of a command.
  group: optionalOption(TOKEN, {
    flag: "--group",
    placeholder: "TOKEN",
    description: "a secret",
    group: "General:",
    isSecret: true,
  }),
} as const;
const NOTHING = { flags: {}, environment: {}, file: null, presets: null };

function parse<T>(type: OptionType<T>, text: string): T | undefined {
  const result = z.safeParse(type.codec, text);
  return result.success ? result.data : undefined;
}

test("a secret is printed by no --print-config", () => {
  const flags = { group: "correct-horse-battery" };
  const resolved = resolveOptions(OPTIONS, { ...NOTHING, flags });
  assert.equal(resolved.values.group, "correct-horse-battery");
  assert.match(
    printConfig(OPTIONS, resolved),
    /^# group: \(not shown\) +# --group\n$/,
  );
});

test("a secret that cannot be one is not shown by the error", () => {
  const where = [
    { flags: { group: "short secret" } },
    {
      file: {
        path: "x.yaml",
        entries: { group: 123_456_789 },
        written: { group: "123_456_789" },
      },
    },
  ];
  for (const place of where) {
    assert.throws(
      () => resolveOptions(OPTIONS, { ...NOTHING, ...place }),
      (error: Error) => {
        assert.match(error.message, /must be 16 to 1,024 .* is not shown/);
        assert.doesNotMatch(error.message, /short|123/);
        return true;
      },
    );
  }
});

test("an address is a host and a port", () => {
  assert.deepEqual(parse(ADDRESS, "127.0.0.1:80"), {
    host: "127.0.0.1",
    port: 80,
  });
  assert.deepEqual(parse(ADDRESS, "[::1]:0"), { host: "::1", port: 0 });
  assert.equal(z.encode(ADDRESS.codec, { host: "::1", port: 0 }), "[::1]:0");
  for (const text of ["8080", ":8080", "a:65536", "a b:1", "::1:80", "a:"]) {
    assert.equal(parse(ADDRESS, text), undefined, text);
  }
});

test("a topic is named as a place", () => {
  assert.deepEqual(parse(TOPIC, "kafka:visits"), {
    kind: "kafka",
    topic: "visits",
  });
  assert.equal(parse(TOPIC, "visits"), undefined);
});
