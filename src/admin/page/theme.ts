import { byId, setText } from "./dom.ts";

const STORED_AS = "sessionmill-theme";
const CHOICES = ["auto", "light", "dark"] as const;

type Choice = (typeof CHOICES)[number];

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
let choice: Choice = storedChoice();

/** Shows the page in its colours: before anything is drawn. */
export function applyTheme(): void {
  const isDark =
    choice === "dark" || (choice === "auto" && prefersDark.matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
}

/** Lets people choose; `onChange` is for those who draw with colours. */
export function startTheme(onChange: () => void): void {
  const button = byId("theme");
  const show = () => {
    applyTheme();
    setText(button, `Theme: ${choice}`);
    onChange();
  };
  button.addEventListener("click", () => {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length]!;
    localStorage.setItem(STORED_AS, choice);
    show();
  });
  prefersDark.addEventListener("change", show);
  show();
}

/** The value of a colour of page.css, as it is now. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(
    `--${name}`,
  );
}

function storedChoice(): Choice {
  const stored = localStorage.getItem(STORED_AS);
  return CHOICES.find((each) => each === stored) ?? "auto";
}
