/**
 * What the `visit_id`s of all loads begin with. Whatever the seed, `generate`
 * makes none of these: its visits are those of others.
 */
export const LOAD_MARK = "load-";

const LOAD_VISIT_ID = new RegExp(`^${LOAD_MARK}\\d{15}_\\d+$`);

/** Whether a load has made a visit. */
export function isOfLoad(visitId: unknown): boolean {
  return LOAD_VISIT_ID.test(String(visitId));
}
