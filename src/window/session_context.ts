import { CONTEXT_BYTES } from "../kernel/codes.ts";
import type { WindowKernel } from "../kernel/host/window_kernel.ts";
import { isoWatermark, MIN_TEXT_MS } from "./iso_text.ts";

/** What stands at the end of every session that a firing writes. */
export class SessionContext {
  readonly #kernel: WindowKernel;
  #generationTime = "";
  #watermarkMs = Number.NaN;

  constructor(kernel: WindowKernel) {
    this.#kernel = kernel;
  }

  /** Sets what the firings to come are made with. */
  set(generationTime: string, watermarkMs: number): void {
    const isSame =
      generationTime === this.#generationTime &&
      watermarkMs === this.#watermarkMs;
    if (isSame) return;
    const { bytes, calls } = this.#kernel;
    const hasText = watermarkMs >= MIN_TEXT_MS;
    const text = hasText ? contextText(generationTime, watermarkMs) : "";
    if (text.length > CONTEXT_BYTES) {
      throw new RangeError(
        `Cannot write sessions: generation time "${generationTime}" is too long`,
      );
    }
    bytes.write(text, calls.CONTEXT.value, "latin1");
    calls.setContext(text.length);
    this.#generationTime = generationTime;
    this.#watermarkMs = watermarkMs;
  }

  /** Throws when a session fired at a watermark that has no text. */
  assertSet(): void {
    if (this.#watermarkMs < MIN_TEXT_MS) isoWatermark(this.#watermarkMs);
  }
}

function contextText(generationTime: string, watermarkMs: number): string {
  const watermark = isoWatermark(watermarkMs);
  return `], "data_processing_context": {"generation_time": "${generationTime}", "watermark": "${watermark}"}}`;
}
