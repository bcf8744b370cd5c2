import { countText } from "../../observe/number_text.ts";
import { holdText } from "../../observe/progress_text.ts";
import type { PartitionView } from "../../observe/run_view.ts";
import { byId, make, setClass, setText } from "./dom.ts";
import { durationText, shortDurationText } from "./format.ts";
import { type Row, Rows } from "./rows.ts";
import type { StateJson } from "./shapes.ts";

const DAY_MS = 86_400_000;
/** A partition that is silent for so long is worth a word, ms. */
const SILENCE_MS = 5_000;
/** So far behind the next one, the last one is waited for, ms of event time. */
const WAIT_MS = 10_000;

/** A partition, and how long its bar is. */
interface BarredPartition {
  readonly view: PartitionView;
  /** Behind the reference; null before its first visit. */
  readonly behindMs: number | null;
  /** What of it no visit can mend: the out-of-orderness. */
  readonly allowedMs: number;
  /** The longest bar of all. */
  readonly longestMs: number;
  /** The others wait for the one that holds the watermark back. */
  readonly isWaiting: boolean;
  readonly isKafkaAway: boolean;
}

/** What the delays of watermarks are measured against. */
interface Reference {
  readonly ms: number;
  readonly isWallClock: boolean;
}

/** Each partition: its watermark against the wall clock, its lag and state. */
export class Partitions {
  readonly #rows = new Rows<BarredPartition>(byId("partitions"), {
    keyOf: ({ view }) => String(view.partition),
    newRow,
  });

  constructor() {
    byId("partitions-legend").replaceChildren(
      make(
        "span",
        {},
        make("i", { class: "key box allowed" }),
        "out-of-orderness",
      ),
      make("span", {}, make("i", { class: "key box one" }), "more behind"),
      make(
        "span",
        {},
        make("i", { class: "key box holds" }),
        "▸ holds the watermark back",
      ),
    );
  }

  /** Shows how they stand. */
  show(state: StateJson): void {
    const { partitions, job, isKafkaAway } = state;
    const reference = referenceOf(state);
    const isWaiting = isWaitedFor(state);
    const behind = partitions.map(({ watermarkMs }) =>
      watermarkMs === null ? null : Math.max(0, reference.ms - watermarkMs),
    );
    const longestMs = Math.max(1, ...behind.map((ms) => ms ?? 0));
    const allowedMs = reference.isWallClock ? job.outOfOrdernessMs : 0;
    this.#rows.show(
      partitions.map((view, i) => ({
        view,
        behindMs: behind[i]!,
        allowedMs,
        longestMs,
        isWaiting,
        isKafkaAway,
      })),
    );
    const name = reference.isWallClock ? "the wall clock" : "the first of them";
    setText(byId("partitions-reference"), name);
    byId("partitions-none").hidden = partitions.length > 0;
    byId("partitions-scroll").hidden = partitions.length === 0;
    setText(byId("partitions-note"), `${partitions.length} of this process`);
    showHold(state, isWaiting);
  }
}

/**
 * The wall clock; for visits that are older than a day, the partition that is
 * furthest: how old a recording is says nothing about the job.
 */
function referenceOf({ partitions, nowMs }: StateJson): Reference {
  const known = partitions.flatMap(({ watermarkMs }) => watermarkMs ?? []);
  const front = Math.max(...known);
  const isWallClock = known.length === 0 || nowMs - front < DAY_MS;
  return { ms: isWallClock ? nowMs : front, isWallClock };
}

function showHold({ progress, partitions }: StateJson, isWaiting: boolean) {
  const { hold } = progress;
  const element = byId("hold");
  setClass(element, isWaiting ? "hold warn" : "hold dim");
  if (hold === null) {
    setText(element, "No partition holds the watermark back.");
    return;
  }
  const by = aheadMs(partitions, hold.partition);
  const behind = by === null ? "" : `, ${durationText(by)} behind the next one`;
  const name = `${hold.topic}[${hold.partition}]`;
  const text = isWaiting
    ? `W${holdText(hold).slice(1)}`
    : `The watermark is that of ${name}`;
  setText(element, `${text}${behind}.`);
}

/** Whether the others wait for the last one: one of them always is the last. */
function isWaitedFor({ progress: { hold }, partitions }: StateJson): boolean {
  if (hold === null) return false;
  if (hold.silentMs >= SILENCE_MS || hold.why === "unread") return true;
  return (aheadMs(partitions, hold.partition) ?? 0) >= WAIT_MS;
}

/** How far the watermark would go on without this partition. */
function aheadMs(
  partitions: readonly PartitionView[],
  holding: number,
): number | null {
  const held = partitions.find(({ partition }) => partition === holding);
  const others = partitions.flatMap(({ partition, state, watermarkMs }) =>
    partition === holding || state !== "active" ? [] : (watermarkMs ?? []),
  );
  if (others.length === 0 || (held?.watermarkMs ?? null) === null) return null;
  return Math.max(0, Math.min(...others) - held!.watermarkMs!);
}

function newRow(): Row<BarredPartition> {
  const mark = make("span", { class: "mark" });
  const number = make("span");
  const head = make("th", { class: "num" }, mark, number);
  head.scope = "row";
  const allowed = make("i", { class: "allowed" });
  const more = make("i");
  const text = make("span", { class: "bar-text" });
  const bar = make("span", { class: "bar" }, allowed, more);
  const line = make("div", { class: "bar-line" }, bar, text);
  const lag = make("td", { class: "num" });
  const position = make("td", { class: "num roomy soft" });
  const state = make("td");
  const cells = [head, make("td", { class: "behind" }, line), lag, position];
  const element = make("tr", {}, ...cells, state);
  return {
    element,
    fill({ view, behindMs, allowedMs, longestMs, isWaiting, isKafkaAway }) {
      const isMarked = view.holdsWatermark;
      setClass(element, isMarked ? `holds ${isWaiting ? "waiting" : ""}` : "");
      setText(mark, view.holdsWatermark ? "▸ " : "");
      setText(number, String(view.partition));
      const part = (ms: number) => `${(ms / longestMs) * 100}%`;
      const inside = Math.min(behindMs ?? 0, allowedMs);
      allowed.style.width = part(inside);
      more.style.width = part((behindMs ?? 0) - inside);
      setText(text, behindMs === null ? "no visit" : durationText(behindMs));
      setText(lag, view.lag === null ? "–" : countText(view.lag));
      const { position: next } = view;
      setText(position, next === null ? "–" : countText(next));
      setText(state, isKafkaAway ? awayText(view) : stateText(view));
    },
  };
}

function awayText({ silentMs }: PartitionView): string {
  return `no answer, silent ${shortDurationText(silentMs)}`;
}

function stateText(view: PartitionView): string {
  const { state, isCaughtUp, silentMs, idleInMs } = view;
  if (state === "finished") return state;
  if (silentMs < SILENCE_MS) return isCaughtUp ? "caught up" : "reading";
  const silent = `silent ${shortDurationText(silentMs)}`;
  if (state === "idle") return `idle, ${silent}`;
  if (!isCaughtUp) return `has more, ${silent}`;
  if (idleInMs === null) return silent;
  return `${silent}, idle in ${shortDurationText(idleInMs)}`;
}
