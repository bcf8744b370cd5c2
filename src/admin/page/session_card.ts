import { countText, sizeText, thingsText } from "../../observe/number_text.ts";
import { make } from "./dom.ts";
import { clockText, dateText, durationText } from "./format.ts";
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

/** An open session, with its pages one under the other. */
export function sessionCard(session: SessionJson): HTMLElement {
  const { startMs, lastVisitMs, json } = session;
  const from = `${dateText(startMs)} ${clockText(startMs)}`;
  const took = durationText(lastVisitMs - startMs);
  const times = `${from} – ${clockText(lastVisitMs)}, ${took}`;
  const card = make(
    "article",
    { class: "session" },
    make(
      "header",
      {},
      make("span", { class: "id", title: "session-id" }, session.sessionId),
      make("span", {}, times),
      make("span", { class: "dim" }, factsOf(session)),
    ),
    ...(json === null
      ? [
          make(
            "p",
            { class: "dim" },
            "It is too large for a look at its pages.",
          ),
        ]
      : [pageList(pagesOf(json)), jsonDetails(json)]),
  );
  return card;
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

function pageList(pages: readonly Page[]): HTMLElement {
  const list = make("ol");
  list.tabIndex = 0;
  list.setAttribute("aria-label", "Pages");
  const left = pages.length - PAGES_MAX;
  pages.forEach((page, i) => {
    const half = PAGES_MAX / 2;
    if (left > 0 && i >= half && i < pages.length - half) {
      if (i === half) {
        list.append(
          make("li", { class: "dim" }, `… ${countText(left)} more …`),
        );
      }
      return;
    }
    list.append(pageItem(page, pages[i - 1]));
  });
  return list;
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

function jsonDetails(json: string): HTMLElement {
  const shown =
    json.length <= JSON_SHOWN_MAX
      ? JSON.stringify(JSON.parse(json), null, 2)
      : `${json.slice(0, JSON_SHOWN_MAX)} … (${sizeText(json.length)} in all)`;
  const text = make("pre", {}, shown);
  text.tabIndex = 0;
  const title = make("summary", {}, "as JSON, as it would be put out now");
  return make("details", {}, title, text);
}
