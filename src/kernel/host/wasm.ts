/** The part of the WebAssembly interface that is needed here. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: object);
    readonly exports: unknown;
  }
  class Memory {
    constructor(size: { readonly initial: number });
    readonly buffer: ArrayBuffer;
  }
}

/** Memory is counted in pages of so many bytes. */
const PAGE_BYTES = 65_536;

const compiled = new Map<string, WebAssembly.Module>();

/** A module at work, and the memory that it works in. */
export interface WasmInstance<Exports> {
  readonly calls: Exports;
  /** The memory; `buffer` is another one when the module has made it grow. */
  readonly memory: { readonly buffer: ArrayBuffer };
}

/**
 * A new instance of a module in base64, which a thread compiles only once, in a
 * memory of at least so many bytes. What is not written of it costs nothing.
 */
export function instantiate<Exports>(
  base64: string,
  byteLength: number,
): WasmInstance<Exports> {
  let module = compiled.get(base64);
  if (module === undefined) {
    module = new WebAssembly.Module(Buffer.from(base64, "base64"));
    compiled.set(base64, module);
  }
  const initial = Math.ceil(byteLength / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial });
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  return { calls: instance.exports as Exports, memory };
}
