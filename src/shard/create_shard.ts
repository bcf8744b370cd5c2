import { WindowKernel } from "../kernel/host/window_kernel.ts";
import { createEncoder } from "../sink/encode/create_encoder.ts";
import { KernelStore } from "../window/kernel_store.ts";
import { VisitScanner } from "../window/visit_scanner.ts";
import { SessionShard } from "./session_shard.ts";
import type { ShardOptions } from "./shard_options.ts";

/** A shard with all that it is made of. */
export function createShard(options: ShardOptions): SessionShard {
  const { window, maxRecordBytes, encoder } = options;
  const kernel = new WindowKernel();
  return new SessionShard(options, {
    scanner: new VisitScanner({ ...window, maxRecordBytes }, kernel),
    store: new KernelStore(window, kernel),
    encoder: createEncoder(encoder, kernel),
  });
}
