import { UNITS } from "../../latency/latency_series.ts";
import type { PercentileSeries } from "../../latency/percentile_text.ts";
import { byId, setText } from "./dom.ts";
import { readHgrm } from "./hgrm.ts";

/** More is no percentile distribution. */
const BYTES_MAX = 4_000_000;

/** A `.hgrm` that people chose or dropped, to stand beside the job's own. */
export class ComparedFile {
  readonly #onChange: (problem: string | null) => void;
  readonly #unit = byId<HTMLSelectElement>("compare-unit");
  #file: { readonly name: string; readonly text: string } | null = null;

  /** `onChange` gets a sentence when a file cannot be read, else null. */
  constructor(onChange: (problem: string | null) => void) {
    this.#onChange = onChange;
    const input = byId<HTMLInputElement>("latency-file");
    input.addEventListener("change", () => {
      this.#take(input.files?.[0]);
      // So that choosing the same file again is a change.
      input.value = "";
    });
    this.#unit.addEventListener("change", () => onChange(null));
    byId("compare-remove").addEventListener("click", () => {
      this.#set(null);
      onChange(null);
    });
    this.#acceptDrops(byId("latency-panel"));
  }

  /** What it says; null without a file. */
  get series(): PercentileSeries | null {
    if (this.#file === null) return null;
    const unit = UNITS.find((each) => each === this.#unit.value) ?? null;
    return readHgrm(this.#file.text, { name: this.#file.name, unit });
  }

  #acceptDrops(panel: HTMLElement): void {
    const setDropping = (isDropping: boolean) =>
      panel.classList.toggle("is-dropping", isDropping);
    // The whole page takes it: dropped beside the panel it would replace the page.
    addEventListener("dragover", (event) => {
      event.preventDefault();
      setDropping(true);
    });
    addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) setDropping(false);
    });
    addEventListener("drop", (event) => {
      event.preventDefault();
      setDropping(false);
      this.#take(event.dataTransfer?.files[0]);
    });
  }

  async #take(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    const { name } = file;
    try {
      if (file.size > BYTES_MAX) throw new Error("it is too large");
      const text = await file.text();
      readHgrm(text, { name, unit: null });
      this.#set({ name, text });
      this.#onChange(null);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#onChange(`Cannot compare with ${name}: ${why}.`);
    }
  }

  #set(file: { name: string; text: string } | null): void {
    this.#file = file;
    byId("compare").hidden = file === null;
    setText(byId("compare-name"), file?.name ?? "");
  }
}
