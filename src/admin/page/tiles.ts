import { countText, latencyText, sizeText } from "../../observe/number_text.ts";
import { byId, make, setClass, setText } from "./dom.ts";
import { clockText, dateText, durationText } from "./format.ts";
import type { StateJson } from "./shapes.ts";

const DAY_MS = 86_400_000;

/** What a tile shows. */
interface TileText {
  readonly value: string;
  readonly unit?: string;
  readonly under: string;
  readonly isWarning?: boolean;
}

/** The numbers that people look at first. */
export class Tiles {
  readonly #tiles = new Map<string, (text: TileText) => void>();

  constructor() {
    const names = ["Visits", "Sessions", "Open sessions", "Lag"];
    for (const name of [...names, "Watermark", "Closing, p99"]) {
      this.#tiles.set(name, addTile(name));
    }
  }

  /** Shows how the run stands. */
  show(state: StateJson): void {
    const { progress, rates, shards } = state;
    const bytes = shards.reduce((sum, { bytesHeld }) => sum + bytesHeld, 0);
    this.#set("Visits", {
      value: countText(rates.visitsPerSecond),
      unit: "/s",
      under: `${countText(progress.visitsIn)} in all`,
    });
    this.#set("Sessions", {
      value: countText(rates.sessionsPerSecond),
      unit: "/s",
      under: `${countText(progress.sessions)} in all`,
    });
    this.#set("Open sessions", {
      value: countText(progress.openSessions),
      under: `${sizeText(bytes)} of windows`,
    });
    this.#set("Lag", lagText(state));
    this.#set("Watermark", watermarkTileText(state));
    this.#set("Closing, p99", closingText(state));
  }

  #set(name: string, text: TileText): void {
    this.#tiles.get(name)!(text);
  }
}

function addTile(name: string): (text: TileText) => void {
  const number = make("span");
  const unit = make("span", { class: "unit" });
  const under = make("div", { class: "under" });
  const value = make("div", { class: "value" }, number, unit);
  const tile = make(
    "div",
    { class: "tile" },
    make("h2", {}, name),
    value,
    under,
  );
  byId("tiles").append(tile);
  return (text) => {
    setText(number, text.value);
    setText(unit, text.unit ?? "");
    setText(under, text.under);
    setClass(tile, text.isWarning ? "tile warn" : "tile");
  };
}

function lagText(state: StateJson): TileText {
  const { lag, lagTrend, catchUpMs, rates, isKafkaAway } = state;
  if (isKafkaAway) {
    return { value: "–", under: "Kafka does not answer", isWarning: true };
  }
  if (lag === null) return { value: "–", under: "not known" };
  const value = countText(lag);
  const unit = lag === 1 ? "record" : "records";
  if (lag === 0) return { value, unit, under: "caught up" };
  // What came while the last answer was on its way is no backlog.
  if (lag < rates.visitsPerSecond) {
    return { value, unit, under: "less than a second of visits" };
  }
  if (lagTrend === "growing") {
    return { value, unit, under: "not catching up", isWarning: true };
  }
  if (catchUpMs === null) {
    return { value, unit, under: "no telling yet how long" };
  }
  return { value, unit, under: `caught up in ${durationText(catchUpMs)}` };
}

function closingText({ progress }: StateJson): TileText {
  const { count, p50Ms, p99Ms } = progress.recent.closing;
  if (count === 0) return { value: "–", under: "none in the last 10 s" };
  const [value, unit] = latencyText(p99Ms).split(" ");
  const under = `p50 ${latencyText(p50Ms)}, last 10 s`;
  return { value: value!, unit: unit!, under };
}

function watermarkTileText(state: StateJson): TileText {
  const { progress, watermarkLagMs, partitions } = state;
  const { watermarkMs } = progress;
  if (watermarkMs === null || watermarkLagMs === null) {
    return { value: "none yet", under: "it needs a visit of each partition" };
  }
  const holding = partitions.find(({ holdsWatermark }) => holdsWatermark);
  const isSilent = holding?.state === "active" && holding.silentMs >= 5_000;
  const held = isSilent ? `, partition ${holding.partition} is silent` : "";
  if (watermarkLagMs > DAY_MS) {
    const under = `of ${dateText(watermarkMs)}${held}`;
    return { value: clockText(watermarkMs), under, isWarning: isSilent };
  }
  const [value, ...unit] = durationText(watermarkLagMs).split(" ");
  return {
    value: value!,
    unit: `${unit.join(" ")} behind`,
    under: `at ${clockText(watermarkMs)}${held}`,
    isWarning: isSilent,
  };
}
