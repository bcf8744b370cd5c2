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
    const hasText = watermarkMs >= MIN_TEXT_MS;
    const text = hasText
      ? contextText(generationTime, isoWatermark(watermarkMs))
      : "";
    if (text.length > CONTEXT_BYTES) {
      throw new RangeError(
        `Cannot write sessions: generation time "${generationTime}" is too long`,
      );
    }
    this.#write(text);
    this.#generationTime = generationTime;
    this.#watermarkMs = watermarkMs;
  }

  /**
   * Sets what sessions are written with that are not fired, until the next `set`:
   * no generation time, and no watermark where that has no text.
   */
  setOpen(watermarkMs: number): void {
    const hasText = watermarkMs >= MIN_TEXT_MS;
    this.#write(contextText("", hasText ? isoWatermark(watermarkMs) : ""));
    this.#watermarkMs = Number.NaN;
  }

  /** Throws when a session fired at a watermark that has no text. */
  assertSet(): void {
    if (this.#watermarkMs < MIN_TEXT_MS) isoWatermark(this.#watermarkMs);
  }

  #write(text: string): void {
    const { bytes, calls } = this.#kernel;
    bytes.write(text, calls.CONTEXT.value, "latin1");
    calls.setContext(text.length);
  }
}

function contextText(generationTime: string, watermark: string): string {
  return `], "data_processing_context": {"generation_time": "${generationTime}", "watermark": "${watermark}"}}`;
}
