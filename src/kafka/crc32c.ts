import { crc32c as nativeCrc32c } from "@node-rs/crc32";

/** The CRC-32C (Castagnoli) of `bytes`, unsigned. */
export function crc32c(bytes: Uint8Array): number {
  return nativeCrc32c(bytes);
}
