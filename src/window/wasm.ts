/** The part of the WebAssembly interface that is needed here. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: unknown;
  }
}

/** The memory of a module. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** Grows by so many pages of 64 KiB; `buffer` is another one then. */
  grow(pages: number): number;
}

const compiled = new Map<string, WebAssembly.Module>();

/** A new instance of a module in base64, which a thread compiles only once. */
export function instantiate<Exports>(base64: string): Exports {
  let module = compiled.get(base64);
  if (module === undefined) {
    module = new WebAssembly.Module(Buffer.from(base64, "base64"));
    compiled.set(base64, module);
  }
  return new WebAssembly.Instance(module).exports as Exports;
}
