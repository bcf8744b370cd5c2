import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readConfigFile } from "../../src/config/config_file.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-config-"));
after(() => rmSync(folder, { recursive: true }));

test("readConfigFile() reads YAML and JSON", async () => {
  const yaml = write("a.yaml", "gap: 10m # ten\nworkers: 2\n");
  assert.deepEqual((await readConfigFile(yaml)).entries, {
    gap: "10m",
    workers: 2,
  });
  const json = write("a.json", '{"gap": "10m"}');
  assert.deepEqual((await readConfigFile(json)).entries, { gap: "10m" });
});

test("readConfigFile() takes an empty file for no options", async () => {
  const path = write("empty.yaml", "# nothing yet\n");
  assert.deepEqual((await readConfigFile(path)).entries, {});
});

test("readConfigFile() keeps numbers and the like as they are written", async () => {
  const path = write(
    "written.yaml",
    "a: 0123\nb: &b 1e3\nc: *b\nd: ~\ne:\nf: [007, x]\ng: True\nh: '0123'\ni: yes\nj: 2024-01-01\nk: {l: 1}\n",
  );
  assert.deepEqual((await readConfigFile(path)).written, {
    ...{ a: "0123", b: "1e3", c: "1e3", d: "~", e: "", f: "007,x", g: "True" },
  });
});

test("readConfigFile() says what is wrong with a file", async () => {
  const missing = join(folder, "missing.yaml");
  await assertFails(missing, "there is no such file");
  await assertFails(folder, "it is a folder, not a file");
  const list = write("list.yaml", "- gap\n");
  await assertFails(list, 'it must hold lines such as "gap: 10m"');
  const itself = write("itself.yaml", "gap: &a [*a]\n");
  await assertFails(itself, "its aliases hold too much, or themselves");
  const bomb = write("bomb.yaml", `a0: &a0 [x]\n${aliases(12)}`);
  await assertFails(bomb, "its aliases hold too much, or themselves");
  const broken = write("broken.yaml", 'gap: "10m\nworkers: 2\n');
  await assertFails(broken, /^Missing closing "quote at line 3, column 1$/);
  const twice = write("twice.yaml", "gap: 1m\ngap: 2m\n");
  await assertFails(twice, "Map keys must be unique at line 2, column 1");
});

test("readConfigFile() says in words of its own what the YAML library would not", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on("warning", note);
  const unknown = write("unknown.yaml", "gap: 1m\ngroup: *a\n");
  await assertFails(
    unknown,
    "*a at line 2 is an alias, and no &a stands before it: text that begins with * needs quotes",
  );
  const star = write("star.yaml", "cors: *\n");
  await assertFails(
    star,
    "Alias cannot be an empty string at line 1, column 7: text such as * needs quotes",
  );
  const two = write("two.yaml", "gap: 1m\n---\ngap: 2m\n");
  await assertFails(
    two,
    'a line "---" begins a second document in it, expected one alone',
  );
  const list = write("key.yaml", "? [a]\n: !else 1m\n");
  assert.deepEqual((await readConfigFile(list)).entries, { "[ a ]": "1m" });
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", note);
  assert.deepEqual(warnings, []);
});

/** Each of these lists holds the one before it ten times. */
function aliases(count: number): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const ten = Array(10).fill(`*a${i}`).join(", ");
    return `a${i + 1}: &a${i + 1} [${ten}]\n`;
  });
  return lines.join("");
}

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function assertFails(path: string, what: string | RegExp) {
  await assert.rejects(readConfigFile(path), (error: Error) => {
    const prefix = `Cannot read config "${path}": `;
    assert.equal(error.name, "UsageError");
    assert.ok(error.message.startsWith(prefix), error.message);
    const rest = error.message.slice(prefix.length);
    if (typeof what === "string") assert.equal(rest, what);
    else assert.match(rest, what);
    return true;
  });
}
