/** The element of page.html with this id. */
export function byId<Tag extends HTMLElement = HTMLElement>(id: string): Tag {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no element "${id}"`);
  return element as Tag;
}

/** What an element is made with besides its children. */
interface Looks {
  readonly class?: string;
  readonly title?: string;
}

/** A new element. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  looks: Looks = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (looks.class !== undefined) element.className = looks.class;
  if (looks.title !== undefined) element.title = looks.title;
  element.append(...children);
  return element;
}

/** Sets a text where it is another one: so a selection in it stays. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets an element's classes where they are others. */
export function setClass(element: Element, name: string): void {
  if (element.className !== name) element.className = name;
}

/** A name and a value each, as a list of facts. */
export function setFacts(
  list: HTMLElement,
  facts: readonly (readonly [name: string, value: string])[],
): void {
  while (list.children.length > facts.length) list.lastElementChild!.remove();
  facts.forEach(([name, value], i) => {
    const row =
      list.children[i] ??
      list.appendChild(make("div", {}, make("dt"), make("dd")));
    setText(row.children[0]!, name);
    setText(row.children[1]!, value);
  });
}

/** Buttons of which one is pressed. */
export function choiceOf<Value extends string>(
  group: HTMLElement,
  options: { values: readonly Value[]; onChoice(value: Value): void },
): (value: Value) => void {
  const buttons = options.values.map((value) => {
    const button = make("button", {}, value);
    button.type = "button";
    button.addEventListener("click", () => options.onChoice(value));
    return button;
  });
  group.replaceChildren(...buttons);
  return (value) => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.textContent === value));
    }
  };
}
