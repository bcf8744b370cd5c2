import { countText, sizeText, thingsText } from "../../observe/number_text.ts";
import { make, setText } from "./dom.ts";
import { clockText, dateText, durationText } from "./format.ts";
import type { Row } from "./rows.ts";
import type { SessionJson } from "./shapes.ts";

/** Of longer sessions the first and the last pages are shown. */
const PAGES_MAX = 200;
const JSON_SHOWN_MAX = 100_000;

/** A page of a session, as the sink's JSON has it. */
interface Page {
  readonly page: string | null;
  readonly event_time: string;
}

interface Form {
  readonly visited_pages: readonly (readonly Page[])[];
}

/** The card of an open session, with its pages one under the other. */
export function newSessionCard(): Row<SessionJson> {
  const id = make("span", { class: "id", title: "session-id" });
  const times = make("span");
  const facts = make("span", { class: "dim" });
  const why = "It is too large for a look at its pages.";
  const tooLarge = make("p", { class: "dim" }, why);
  const list = newPageList();
  const title = make("summary", {}, "as JSON, as it would be put out now");
  const text = make("pre");
  text.tabIndex = 0;
  const details = make("details", {}, title, text);
  const header = make("header", {}, id, times, facts);
  const parts = [header, tooLarge, list.element, details];
  return {
    element: make("article", { class: "session" }, ...parts),
    fill(session) {
      const { json } = session;
      setText(id, session.sessionId);
      setText(times, timesOf(session));
      setText(facts, factsOf(session));
      tooLarge.hidden = json !== null;
      list.element.hidden = json === null;
      details.hidden = json === null;
      if (json === null) return;
      list.show(pagesOf(json));
      setText(text, jsonText(json));
    },
  };
}

function timesOf({ startMs, lastVisitMs }: SessionJson): string {
  const from = `${dateText(startMs)} ${clockText(startMs)}`;
  const took = durationText(lastVisitMs - startMs);
  return `${from} – ${clockText(lastVisitMs)}, ${took}`;
}

function factsOf(session: SessionJson): string {
  const { visits, unfiredVisits, bytes, firings, endMs, shard } = session;
  const times = firings === 1 ? "once" : `${firings} times`;
  const put = firings === 0 ? "not put out yet" : `put out ${times}`;
  const news = firings > 0 && unfiredVisits > 0 ? `, ${unfiredVisits} new` : "";
  return [
    `${thingsText(visits, "visit")}${news}`,
    `ends at ${clockText(endMs)}`,
    put,
    `shard ${shard}`,
    sizeText(bytes),
    ...(session.isMixed ? ["of several partitions"] : []),
  ].join(" · ");
}

function pagesOf(json: string): readonly Page[] {
  const form = JSON.parse(json) as Form;
  return form.visited_pages[0] ?? [];
}

/** A list that is made anew only for other pages: so a reader stays in his place. */
function newPageList() {
  const element = make("ol");
  element.tabIndex = 0;
  element.setAttribute("aria-label", "Pages");
  let shown = "";
  return {
    element,
    show(pages: readonly Page[]) {
      const wanted = JSON.stringify(pages);
      if (wanted === shown) return;
      shown = wanted;
      element.replaceChildren(...pageItems(pages));
    },
  };
}

function pageItems(pages: readonly Page[]): HTMLElement[] {
  const items = pages.map((page, i) => [page, pages[i - 1]] as const);
  const left = pages.length - PAGES_MAX;
  const half = PAGES_MAX / 2;
  const shown = (some: typeof items) =>
    some.map(([page, before]) => pageItem(page, before));
  if (left <= 0) return shown(items);
  const gap = make("li", { class: "dim" }, `… ${countText(left)} more …`);
  return [...shown(items.slice(0, half)), gap, ...shown(items.slice(-half))];
}

function pageItem(page: Page, before: Page | undefined): HTMLElement {
  const ms = Date.parse(page.event_time);
  const sinceMs =
    before === undefined ? null : ms - Date.parse(before.event_time);
  return make(
    "li",
    {},
    make("span", { class: "mono dim", title: page.event_time }, clockText(ms)),
    make("span", { class: "page" }, page.page ?? "no page"),
    make(
      "span",
      { class: "gap" },
      sinceMs === null ? "" : `+${durationText(sinceMs)}`,
    ),
  );
}

function jsonText(json: string): string {
  return json.length <= JSON_SHOWN_MAX
    ? JSON.stringify(JSON.parse(json), null, 2)
    : `${json.slice(0, JSON_SHOWN_MAX)} … (${sizeText(json.length)} in all)`;
}
