import { byId, setText } from "./dom.ts";
import { clockText, durationText } from "./format.ts";

/** When the server has answered last, by its clock and by the one here. */
export interface LastAnswer {
  readonly serverMs: number;
  readonly browserMs: number;
}

/** Says whether the numbers are of now, and since when they are not. */
export class Connection {
  #lostAtMs: number | null = null;

  /** An answer came. */
  live(): void {
    this.#lostAtMs = null;
    this.#show("is-live", "live");
    byId("lost").hidden = true;
  }

  /** The server waits for something from us; nothing is lost. */
  waiting(text: string): void {
    this.#lostAtMs = null;
    this.#show("", text);
    byId("lost").hidden = true;
  }

  /** No answer came. */
  lost(last: LastAnswer | null, why: string | null): void {
    const nowMs = Date.now();
    this.#lostAtMs ??= last?.browserMs ?? nowMs;
    this.#show("is-lost", "no connection");
    byId("lost").hidden = false;
    const what = why ?? "The job does not answer";
    const since =
      last === null
        ? "."
        : `, since ${clockText(last.serverMs)}. What you see is how it was then.`;
    setText(byId("lost-text"), `${what}${since}`);
    const forText = durationText(nowMs - this.#lostAtMs);
    setText(byId("lost-for"), `${forText} ago. Trying again.`);
  }

  #show(name: string, text: string): void {
    const { classList } = document.body;
    for (const each of ["is-live", "is-lost"]) {
      classList.toggle(each, each === name);
    }
    setText(byId("link-text"), text);
  }
}
