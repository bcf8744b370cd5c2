import type { VisitColumns } from "../visit_columns.ts";
import { viewOf } from "./ascii.ts";

/** Where a string lies; its holder owns it and moves it about. */
export class StringPlace {
  view = viewOf(Buffer.alloc(0));
  start = 0;
  /** Length in bytes, -1 for null. */
  length = 0;

  set(view: DataView, start: number, length: number): void {
    // Mostly it is the same view: a comparison is less than V8's bookkeeping.
    if (this.view !== view) this.view = view;
    this.start = start;
    this.length = length;
  }
}

/** The strings of one visit at a time, wherever in its batch they lie. */
export class VisitStrings {
  readonly key = new StringPlace();
  readonly time = new StringPlace();
  readonly page = new StringPlace();
  readonly user = new StringPlace();
  #bytes = this.key.view;
  #spill = this.key.view;

  /** Looks at another batch, or at a batch whose buffers have changed. */
  open(visits: VisitColumns): void {
    this.#bytes = viewOf(visits.bytes);
    this.#spill = viewOf(visits.spill);
  }

  /** Moves all four places to one visit. */
  moveTo(visits: VisitColumns, index: number): void {
    this.#put(this.key, visits.keyStart[index]!, visits.keyLength[index]!);
    this.#put(this.time, visits.timeStart[index]!, visits.timeLength[index]!);
    this.#put(this.page, visits.pageStart[index]!, visits.pageLength[index]!);
    this.#put(this.user, visits.userStart[index]!, visits.userLength[index]!);
  }

  #put(place: StringPlace, start: number, length: number): void {
    if (start >= 0) place.set(this.#bytes, start, length);
    else place.set(this.#spill, ~start, length);
  }
}
