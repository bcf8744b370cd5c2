import { collectGarbage } from "./collect_garbage.ts";

/**
 * Counts the bytes of all `ArrayBuffer`s that are made by that name from now on
 * and that somebody still holds. Ends with `restore`.
 */
export class LiveBuffers {
  readonly #made = new Set<WeakRef<ArrayBuffer>>();
  readonly #original = globalThis.ArrayBuffer;

  constructor() {
    const made = this.#made;
    globalThis.ArrayBuffer = class extends this.#original {
      constructor(byteLength: number) {
        super(byteLength);
        made.add(new WeakRef(this));
      }
    } as ArrayBufferConstructor;
  }

  /** Bytes that are held, after a collection. */
  async bytes(): Promise<number> {
    // What a WeakRef was asked for lives until the turn is over.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    let bytes = 0;
    for (const ref of this.#made) {
      const buffer = ref.deref();
      if (buffer === undefined) this.#made.delete(ref);
      else bytes += buffer.byteLength;
    }
    return bytes;
  }

  restore(): void {
    globalThis.ArrayBuffer = this.#original;
  }
}
