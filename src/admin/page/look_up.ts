import { countText, sizeText } from "../../observe/number_text.ts";
import type { OpenSession, OpenSessionQuery } from "../../observe/run_view.ts";
import { getJson, unlessRefused } from "./api.ts";
import { byId, choiceOf, make, setText } from "./dom.ts";
import { clockText, dateText } from "./format.ts";
import { Rows } from "./rows.ts";
import { sessionCard } from "./session_card.ts";
import type { ExplanationJson, LookUpJson, SessionsJson } from "./shapes.ts";

type Order = OpenSessionQuery["order"];

const LISTED = 50;

/** Open sessions: one by its visit_id with why it is open, and lists of them. */
export class LookUp {
  readonly #input = byId<HTMLInputElement>("visit-id");
  readonly #explanation = make("p", { class: "explanation" });
  readonly #press: (order: Order) => void;
  #visitId: string | null = null;
  readonly #rows = new Rows<OpenSession>(byId("list"), {
    keyOf: ({ visitId, sessionId }) => `${sessionId} ${visitId}`,
    newRow: () => sessionRow((visitId) => this.#goTo(visitId)),
  });

  constructor() {
    byId("look-up-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#goTo(this.#input.value.trim());
    });
    this.#press = choiceOf<Order>(byId("orders"), {
      values: ["oldest", "largest", "latest"],
      onChoice: (order) => this.#try(() => this.#list(order)),
    });
    addEventListener("hashchange", () => this.#followAddress());
  }

  /** Looks up what the page's address names, so a look-up can be sent on. */
  start(): void {
    this.#try(() => this.#list("oldest"));
    this.#followAddress();
  }

  /** Asks again why what is shown is open: its reason moves with the time. */
  async refresh(): Promise<void> {
    if (this.#visitId === null) return;
    const asked = this.#explain(this.#visitId);
    await unlessRefused(asked, (why) => setText(this.#explanation, why));
  }

  #goTo(visitId: string): void {
    if (visitId === "") return;
    const address = `#visit=${encodeURIComponent(visitId)}`;
    if (location.hash === address) this.#followAddress();
    else location.hash = address;
  }

  #followAddress(): void {
    const visitId = addressedVisit();
    if (visitId === null) return;
    this.#input.value = visitId;
    this.#try(() => this.#show(visitId));
  }

  async #show(visitId: string): Promise<void> {
    this.#visitId = null;
    const path = encodeURIComponent(visitId);
    const { sessions } = await getJson<LookUpJson>(`/sessions/${path}`);
    await this.#explain(visitId);
    this.#visitId = visitId;
    byId("look-up").replaceChildren(
      this.#explanation,
      ...sessions.map(sessionCard),
    );
  }

  async #explain(visitId: string): Promise<void> {
    const path = encodeURIComponent(visitId);
    const { sentence } = await getJson<ExplanationJson>(`/explain/${path}`);
    this.#explanation.className = "explanation";
    setText(this.#explanation, sentence);
  }

  async #list(order: Order): Promise<void> {
    this.#press(order);
    const path = `/sessions?order=${order}&limit=${LISTED}`;
    const { sessions } = await getJson<SessionsJson>(path);
    this.#rows.show(sessions);
    byId("list-scroll").hidden = sessions.length === 0;
    const at = `at ${clockText(Date.now())}`;
    const many = `${countText(sessions.length)} ${order}, ${at}`;
    setText(byId("list-note"), sessions.length === 0 ? `none ${at}` : many);
  }

  #say(text: string): void {
    this.#explanation.className = "explanation bad-text";
    setText(this.#explanation, text);
    byId("look-up").replaceChildren(this.#explanation);
  }

  #try(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      this.#say(error instanceof Error ? error.message : String(error));
    });
  }
}

function addressedVisit(): string | null {
  const [, encoded] = /^#visit=(.+)$/.exec(location.hash) ?? [];
  if (encoded === undefined) return null;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function sessionRow(onChoice: (visitId: string) => void) {
  const button = make("button");
  button.type = "button";
  button.addEventListener("click", () => onChoice(button.textContent));
  const date = make("span", { class: "roomy" });
  const time = make("span");
  const first = make("td", {}, date, time);
  const last = make("td", { class: "roomy" });
  const visits = make("td", { class: "num" });
  const size = make("td", { class: "num" });
  const name = make("td", {}, button);
  return {
    element: make("tr", {}, name, first, last, visits, size),
    fill(session: OpenSession) {
      setText(button, session.visitId);
      button.title = session.visitId;
      // The list has the start of a very long one: nothing can be asked with it.
      button.disabled = session.visitId.endsWith("…");
      setText(date, `${dateText(session.startMs)} `);
      setText(time, clockText(session.startMs));
      setText(last, clockText(session.lastVisitMs));
      setText(visits, countText(session.visits));
      setText(size, sizeText(session.bytes));
    },
  };
}
