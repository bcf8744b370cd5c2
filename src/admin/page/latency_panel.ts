import { plotPoints } from "../../latency/latency_series.ts";
import type { LatencyName } from "../../observe/run_view.ts";
import { getFile, getJson, post, unlessRefused } from "./api.ts";
import { ComparedFile } from "./compared_file.ts";
import { valueAt } from "./curve.ts";
import { byId, choiceOf, setText } from "./dom.ts";
import { clockText } from "./format.ts";
import { type LatencyColumn, showLatencyTable } from "./latency_table.ts";
import { PercentilePlot } from "./percentile_plot.ts";
import type { LatencyJson, ResetJson, Span, StateJson } from "./shapes.ts";

const MEANINGS = {
  processing: "From the fetch of a visit until its shard has applied it.",
  closing:
    "From the fetch of the visit that moved the watermark past a session's end to the sink's acknowledgement of the session.",
  visibility:
    "From the fetch of the visit that moved the watermark past a session's end to the end of the transaction: then readers see it.",
} as const satisfies Partial<Record<LatencyName, string>>;

type Name = keyof typeof MEANINGS;
/** What the note is of: one of a reset goes with its job. */
type Noted = "reset" | "refusal" | "other";
type Shown = Readonly<Record<Span, LatencyJson>>;

/** The percentile plot with its table, and what can be done with them. */
export class LatencyPanel {
  readonly #plot = new PercentilePlot();
  readonly #file = new ComparedFile((problem) => {
    this.#note(problem ?? "");
    this.#draw();
  });
  #name: Name = "closing";
  #press: (name: Name) => void = () => {};
  #names = "";
  #shown: Shown | null = null;
  #isPaused = false;
  /** Wall clock of the server: that of a reader may be wrong. */
  #nowMs = 0;
  /** Begin of the run that is shown, and what is said of it. */
  #startedAtMs: number | null = null;
  #noted: Noted = "other";

  constructor() {
    const log = byId<HTMLInputElement>("latency-log");
    log.addEventListener("change", () =>
      this.#plot.setLogarithmic(log.checked),
    );
    byId("latency-pause").addEventListener("click", () => this.#pause());
    const onClick = (id: string, work: () => Promise<void>) =>
      byId(id).addEventListener("click", () => this.#try(work));
    onClick("latency-reset", () => this.#reset());
    onClick("latency-hgrm", () => this.#download("hgrm"));
    onClick("latency-hlog", () => this.#download("hlog"));
  }

  /** Offers the latencies that this run has. */
  setJob({ job, nowMs, startedAtMs }: StateJson): void {
    this.#nowMs = nowMs;
    const isAnother = startedAtMs !== this.#startedAtMs;
    this.#startedAtMs = startedAtMs;
    if (isAnother && this.#noted === "reset") this.#note("");
    const names: Name[] = ["processing", "closing"];
    if (job.guarantee === "exactly-once") names.push("visibility");
    if (names.join() === this.#names) return;
    this.#names = names.join();
    this.#press = choiceOf(byId("latency-names"), {
      values: names,
      onChoice: (name) => this.#try(() => this.#choose(name)),
    });
    this.#press(this.#name);
    setText(byId("latency-meaning"), MEANINGS[this.#name]);
  }

  /** Gets what is new, unless it is paused. */
  async refresh(): Promise<void> {
    if (this.#isPaused) return;
    await unlessRefused(this.#load(), (why) => this.#note(why, "refusal"));
  }

  /** Draws in other colours. */
  renew(): void {
    this.#plot.renew();
  }

  async #load(): Promise<void> {
    const name = this.#name;
    const [minute, reset] = await Promise.all([
      getLatency(name, "minute"),
      getLatency(name, "reset"),
    ]);
    // Another one may have been chosen meanwhile.
    if (name !== this.#name) return;
    this.#shown = { minute, reset };
    if (this.#noted === "refusal") this.#note("");
    this.#draw();
  }

  async #choose(name: Name): Promise<void> {
    this.#name = name;
    this.#press(name);
    setText(byId("latency-meaning"), MEANINGS[name]);
    await this.#load();
  }

  #pause(): void {
    this.#isPaused = !this.#isPaused;
    const button = byId("latency-pause");
    button.setAttribute("aria-pressed", String(this.#isPaused));
    setText(button, this.#isPaused ? "Go on" : "Pause");
    const since = clockText(this.#nowMs);
    this.#note(this.#isPaused ? `Stands since ${since}.` : "");
    this.#try(() => this.refresh());
  }

  async #reset(): Promise<void> {
    const { resetAtMs } = await post<ResetJson>("latency/reset");
    this.#note(`Counts anew since ${clockText(resetAtMs)}.`, "reset");
    await this.#load();
  }

  async #download(kind: "hgrm" | "hlog"): Promise<void> {
    const file = await getFile(`latency.${kind}?name=${this.#name}`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `${this.#name}.${kind}`;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  #draw(): void {
    if (this.#shown === null) return;
    const { minute, reset } = this.#shown;
    const file = this.#file.series;
    const drawn = file && { ...file, points: plotPoints(file) };
    this.#plot.show([reset, minute, drawn]);
    const columns: LatencyColumn[] = [
      columnOf(minute, { title: "last minute", key: "one" }),
      columnOf(reset, { title: "since reset", key: "two" }),
    ];
    if (file !== null) {
      columns.push({ ...file, title: "file", key: "three" });
    }
    showLatencyTable(columns);
    const empty = byId("latency-empty");
    empty.hidden = reset.count > 0;
    setText(empty, `No ${this.#name} latency was counted since the reset.`);
  }

  #note(text: string, noted: Noted = "other"): void {
    this.#noted = noted;
    setText(byId("latency-note"), text);
  }

  #try(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      this.#note(error instanceof Error ? error.message : String(error));
    });
  }
}

function columnOf(
  latency: LatencyJson,
  head: Pick<LatencyColumn, "title" | "key">,
): LatencyColumn {
  const { points } = latency;
  const percentileMs = (percentile: number) => valueAt(points, percentile);
  return { ...latency, ...head, percentileMs };
}

function getLatency(name: LatencyName, span: Span): Promise<LatencyJson> {
  return getJson(`latency?name=${name}&span=${span}`);
}
