import { forgetToken, keepToken } from "./api.ts";
import { byId, setText } from "./dom.ts";

/** Asks for the token where the server wants one, and again after a wrong one. */
export class TokenForm {
  readonly #form = byId<HTMLFormElement>("token-form");
  readonly #input = byId<HTMLInputElement>("token");

  constructor(onToken: () => void) {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      keepToken(this.#input.value.trim());
      this.#input.value = "";
      onToken();
    });
  }

  /** Until there is a token, asking the server again is in vain. */
  get isShown(): boolean {
    return !this.#form.hidden;
  }

  /** Shows it; says so when the server has not liked the last one. */
  show(): void {
    const refused = byId("token-refused");
    refused.hidden = !forgetToken();
    setText(refused, "The job does not know this token.");
    if (!this.#form.hidden) return;
    this.#form.hidden = false;
    byId("main").hidden = true;
    this.#input.focus();
  }

  /** The server answers: the numbers instead. */
  hide(): void {
    this.#form.hidden = true;
    byId("main").hidden = false;
  }
}
