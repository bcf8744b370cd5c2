import { ByteScanner } from "./byte_scanner.ts";
import type { RecordLeaves } from "./record_leaves.ts";
import { Template } from "./template.ts";

const TEMPLATES_MAX = 8;
/** Learning costs a credit, so it stops when it does not pay. */
const CREDIT_MAX = 32;
/** Misses that bring one credit back. */
const MISSES_PER_CREDIT = 1024;
/** After so many misses in a row the templates have a rest. */
const MISSES_MAX = 64;
const REST_RECORDS = 2048;

/**
 * Scans records that come from few producers: keeps the layouts of recent ones
 * and compares what is constant in them, and has a byte scanner for the rest.
 */
export class TemplateScanner {
  readonly #leaves: RecordLeaves;
  readonly #byteScanner: ByteScanner;
  readonly #templates: Template[] = [];
  /** `#shared[i][j]`: parts that templates i and j have in common. */
  #shared: readonly Int32Array[] = [];
  /** The template that matched last. */
  #current = 0;
  #missesInRow = 0;
  #restRecords = 0;
  #misses = 0;
  #credit = CREDIT_MAX;

  constructor(leaves: RecordLeaves) {
    this.#leaves = leaves;
    this.#byteScanner = new ByteScanner(leaves);
  }

  /**
   * Scans the record at `[start, end)` of the view. True when it is valid JSON
   * and the leaves are its own; false decides nothing.
   */
  scan(view: DataView, start: number, end: number): boolean {
    if (this.#restRecords > 0) {
      this.#restRecords--;
      return this.#byteScanner.scan(view, start, end);
    }
    const template = this.#match(view, start, end);
    if (template !== null) {
      template.hits++;
      template.giveFields(this.#leaves);
      this.#missesInRow = 0;
      return true;
    }
    if (!this.#byteScanner.scan(view, start, end)) return false;
    this.#miss(view, start, end);
    return true;
  }

  #match(view: DataView, start: number, end: number): Template | null {
    const templates = this.#templates;
    if (templates.length === 0) return null;
    let failed = this.#current;
    let template = templates[failed]!;
    if (template.match(view, start, end, 0, this.#leaves)) return template;
    // The others need a look only from where this one failed, and only those
    // that are the same up to there.
    for (let index = 0; index < templates.length; index++) {
      const { failedPart, failedAt } = template;
      if (index === failed) continue;
      if (this.#shared[failed]![index]! < failedPart) continue;
      failed = index;
      template = templates[index]!;
      if (template.match(view, failedAt, end, failedPart, this.#leaves)) {
        this.#current = index;
        return template;
      }
    }
    return null;
  }

  #miss(view: DataView, start: number, end: number): void {
    if (++this.#misses % MISSES_PER_CREDIT === 0) {
      this.#credit = Math.min(CREDIT_MAX, this.#credit + 1);
    }
    if (++this.#missesInRow >= MISSES_MAX) {
      this.#missesInRow = 0;
      this.#restRecords = REST_RECORDS;
    }
    if (this.#credit === 0) return;
    this.#credit--;
    const record = Buffer.from(
      view.buffer,
      view.byteOffset + start,
      end - start,
    );
    this.#learn(new Template(record, this.#leaves, start));
  }

  /** Keeps a template, in the place of the least used one if need be. */
  #learn(template: Template): void {
    const templates = this.#templates;
    const isFull = templates.length === TEMPLATES_MAX;
    const place = isFull ? leastUsed(templates) : templates.length;
    templates[place] = template;
    this.#current = place;
    this.#shared = templates.map((one) =>
      Int32Array.from(templates, (other) => one.sharedParts(other)),
    );
  }
}

/** The template with the fewest hits; those of the others count half now. */
function leastUsed(templates: readonly Template[]): number {
  let place = 0;
  for (const [index, { hits }] of templates.entries()) {
    if (hits < templates[place]!.hits) place = index;
  }
  for (const template of templates) template.hits >>>= 1;
  return place;
}
