import { HEADER_NAMES, HEADERS, TEXTS, WORDS } from "./text_list.ts";

// Prints the fixed texts of the kernel as AssemblyScript. Each is filled up to
// whole blocks of sixteen bytes, which is how they are copied.

const BLOCK_BYTES = 16;
/** The largest length that is one byte as Kafka writes it. */
const SIZED_MAX = 63;

process.stdout.write(`${parts().join("\n\n")}\n`);

function parts(): string[] {
  return [
    "// Made by src/kernel/generate.sh; not to be edited.",
    ...Object.entries(TEXTS).map(([name, text]) =>
      textOf(name, Buffer.from(text), text),
    ),
    ...Object.entries(WORDS).map(([name, text]) => wordOf(name, text)),
    "/* Headers as they stand in a record: behind their lengths. */",
    ...Object.entries(HEADER_NAMES).map(([name, text]) =>
      textOf(`${name}_NAME`, sized(text), text),
    ),
    ...Object.entries(HEADERS).map(([name, [header, values]]) =>
      tableOf(name, header, values),
    ),
  ];
}

function textOf(name: string, bytes: Buffer, shown: string): string {
  return [
    `/** \`${shown}\` */`,
    `export const ${name}: usize = ${data(padded(bytes))};`,
    `export const ${name}_LENGTH: i32 = ${bytes.length};`,
  ].join("\n");
}

/** A text as the number that a load of its bytes gives. */
function wordOf(name: string, text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length !== 2 && bytes.length !== 4) {
    throw new Error(`Cannot make word ${name}: "${text}" must be 2 or 4 bytes`);
  }
  const value = bytes.readUIntLE(0, bytes.length).toString(16);
  const type = bytes.length === 2 ? "u16" : "u32";
  return `/** \`${text}\` */\nexport const ${name}_WORD: ${type} = 0x${value};`;
}

/** A header with each of its values, all as long as the longest one. */
function tableOf(
  name: string,
  header: string,
  values: readonly string[],
): string {
  const texts = values.map((value) =>
    Buffer.concat([sized(header), sized(value)]),
  );
  const rows = texts.map(padded);
  const rowBytes = Math.max(...rows.map((row) => row.length));
  const table = Buffer.alloc(rowBytes * rows.length);
  for (const [code, row] of rows.entries()) row.copy(table, code * rowBytes);
  const lengths = Buffer.from(texts.map((text) => text.length));
  return [
    `/** \`${header}\` = ${values.map((value) => `\`${value}\``).join(", ")} */`,
    `export const ${name}_HEADERS: usize = ${data(table)};`,
    `export const ${name}_LENGTHS: usize = ${data(lengths)};`,
    `export const ${name}_ROW_BYTES: i32 = ${rowBytes};`,
    `export const ${name}_COUNT: i32 = ${values.length};`,
  ].join("\n");
}

/** A text with its length in front, as Kafka writes it. */
function sized(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > SIZED_MAX) {
    throw new Error(
      `Cannot make header text "${text}": it must have at most ${SIZED_MAX} bytes`,
    );
  }
  return Buffer.concat([Buffer.from([bytes.length << 1]), bytes]);
}

function padded(bytes: Buffer): Buffer {
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
  return Buffer.concat([bytes], blocks * BLOCK_BYTES);
}

function data(bytes: Buffer): string {
  const numbers = [...bytes].map((byte) => `0x${byte.toString(16)}`);
  const lines: string[] = [];
  for (let at = 0; at < numbers.length; at += 12) {
    lines.push(`  ${numbers.slice(at, at + 12).join(", ")},`);
  }
  return `memory.data<u8>([\n${lines.join("\n")}\n])`;
}
