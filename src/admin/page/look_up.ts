import { countText, sizeText } from "../../observe/number_text.ts";
import { decodeQueryText, encodeQueryText } from "../../observe/query_text.ts";
import type { OpenSession, OpenSessionQuery } from "../../observe/run_view.ts";
import { getJson, unlessRefused } from "./api.ts";
import { byId, choiceOf, make, setText } from "./dom.ts";
import { clockText, dateText } from "./format.ts";
import { Rows } from "./rows.ts";
import { newSessionCard } from "./session_card.ts";
import type { ExplanationJson, SessionJson, SessionsJson } from "./shapes.ts";

type Order = OpenSessionQuery["order"];

const LISTED = 50;

/** Open sessions: one by its visit_id with why it is open, and lists of them. */
export class LookUp {
  readonly #input = byId<HTMLInputElement>("visit-id");
  readonly #explanation = byId("explanation");
  readonly #press: (order: Order) => void;
  #inField = { visitId: "", text: "" };
  /** What is shown, or asked for. */
  #visitId: string | null = null;
  #questions = 0;
  #order: Order = "oldest";
  readonly #cards = new Rows<SessionJson>(byId("cards"), {
    keyOf: ({ sessionId }) => sessionId,
    newRow: newSessionCard,
  });
  readonly #rows = new Rows<OpenSession>(byId("list"), {
    keyOf: ({ visitId, sessionId }) => `${sessionId} ${visitId}`,
    newRow: () => sessionRow((visitId) => this.#goTo(visitId)),
  });

  constructor() {
    byId("look-up-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#goTo(this.#typedVisit());
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

  /** Asks again why what is shown is open: it moves with the time. */
  async refresh(): Promise<void> {
    if (this.#visitId === null) return;
    const asked = this.#ask(this.#visitId);
    await unlessRefused(asked, (why) => this.#say(why));
  }

  #goTo(visitId: string): void {
    if (visitId === "") return;
    const address = `#visit=${encodeQueryText(visitId)}`;
    if (location.hash === address) this.#followAddress();
    else location.hash = address;
  }

  /** A field has no line breaks: what is unchanged in it stays the id that it was. */
  #typedVisit(): string {
    const { value } = this.#input;
    return value === this.#inField.text ? this.#inField.visitId : value;
  }

  #followAddress(): void {
    const visitId = addressedVisit();
    if (visitId === null) return;
    this.#input.value = visitId;
    this.#inField = { visitId, text: this.#input.value };
    this.#try(() => this.#ask(visitId));
  }

  /** Of answers that cross on their way, that to the last question is shown. */
  async #ask(visitId: string): Promise<void> {
    this.#visitId = visitId;
    const question = ++this.#questions;
    const path = `explain?visit_id=${encodeQueryText(visitId)}`;
    try {
      const answer = await getJson<ExplanationJson>(path);
      if (question === this.#questions) this.#show(answer);
    } catch (error) {
      if (question === this.#questions) throw error;
    }
  }

  /** The sentence and the sessions that it is about: of one answer. */
  #show({ sentence, sessions }: ExplanationJson): void {
    this.#explanation.className = "explanation";
    setText(this.#explanation, sentence);
    this.#explanation.hidden = false;
    this.#cards.show(sessions);
  }

  async #list(order: Order): Promise<void> {
    this.#order = order;
    this.#press(order);
    const path = `sessions?order=${order}&limit=${LISTED}`;
    const { nowMs, sessions } = await getJson<SessionsJson>(path);
    // Another one may have been chosen meanwhile.
    if (order !== this.#order) return;
    this.#rows.show(sessions);
    byId("list-scroll").hidden = sessions.length === 0;
    const at = `at ${clockText(nowMs)}`;
    const many = `${countText(sessions.length)} ${order}, ${at}`;
    setText(byId("list-note"), sessions.length === 0 ? `none ${at}` : many);
  }

  #say(text: string): void {
    this.#explanation.className = "explanation bad-text";
    setText(this.#explanation, text);
    this.#explanation.hidden = false;
    this.#cards.show([]);
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
    return decodeQueryText(encoded);
  } catch {
    return encoded;
  }
}

function sessionRow(onChoice: (visitId: string) => void) {
  const button = make("button");
  button.type = "button";
  let visitId = "";
  button.addEventListener("click", () => onChoice(visitId));
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
      ({ visitId } = session);
      setText(button, visitId);
      button.title = visitId;
      // The list has the start of a very long one: nothing can be asked with it.
      button.disabled = session.isCut;
      setText(date, `${dateText(session.startMs)} `);
      setText(time, clockText(session.startMs));
      setText(last, clockText(session.lastVisitMs));
      setText(visits, countText(session.visits));
      setText(size, sizeText(session.bytes));
    },
  };
}
