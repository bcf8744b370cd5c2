import { byId, setText } from "./dom.ts";
import { type Distribution, parseHgrm } from "./hgrm.ts";
import type { Latencies } from "./shapes.ts";

/** More is no percentile distribution. */
const BYTES_MAX = 4_000_000;

/** A `.hgrm` that people chose or dropped, to stand beside the job's own. */
export class ComparedFile {
  readonly #onChange: (problem: string | null) => void;
  readonly #unit = byId<HTMLSelectElement>("compare-unit");
  #read: { name: string; distribution: Distribution } | null = null;

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

  /** What it says, in ms; null without a file. */
  get latencies(): (Latencies & { name: string }) | null {
    if (this.#read === null) return null;
    const { name, distribution } = this.#read;
    const { points, count, mean, max } = distribution;
    const msPerUnit = Number(this.#unit.value);
    return {
      name,
      count,
      points: points.map(([at, value]) => [at, value * msPerUnit] as const),
      meanMs: mean === null ? null : mean * msPerUnit,
      maxMs: max * msPerUnit,
    };
  }

  #acceptDrops(panel: HTMLElement): void {
    const setDropping = (isDropping: boolean) =>
      panel.classList.toggle("is-dropping", isDropping);
    // The whole page takes it: a file dropped beside the panel would replace the page.
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
    try {
      if (file.size > BYTES_MAX) throw new Error("is too large for a .hgrm");
      const distribution = parseHgrm(await file.text());
      this.#set({ name: file.name, distribution });
      this.#onChange(null);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#onChange(`${file.name} ${why}`);
    }
  }

  #set(read: { name: string; distribution: Distribution } | null): void {
    this.#read = read;
    byId("compare").hidden = read === null;
    setText(byId("compare-name"), read?.name ?? "");
  }
}
