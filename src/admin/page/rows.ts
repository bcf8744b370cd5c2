/** A row of a table, or a card, that is kept and filled again. */
export interface Row<Item> {
  readonly element: HTMLElement;
  fill(item: Item): void;
}

/** The rows of a table's body or the cards of a box, by key: they stay where their item does. */
export class Rows<Item> {
  readonly #body: HTMLElement;
  readonly #keyOf: (item: Item) => string;
  readonly #newRow: () => Row<Item>;
  readonly #rows = new Map<string, Row<Item>>();

  constructor(
    body: HTMLElement,
    options: { keyOf(item: Item): string; newRow(): Row<Item> },
  ) {
    this.#body = body;
    this.#keyOf = options.keyOf;
    this.#newRow = options.newRow;
  }

  /** Shows these items, in this order. */
  show(items: readonly Item[]): void {
    const keys = new Set(items.map(this.#keyOf));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    items.forEach((item, place) => {
      const row = this.#rowOf(this.#keyOf(item));
      row.fill(item);
      const there = this.#body.children[place] ?? null;
      if (there !== row.element) this.#body.insertBefore(row.element, there);
    });
  }

  #rowOf(key: string): Row<Item> {
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row = this.#newRow();
    this.#rows.set(key, row);
    return row;
  }
}
