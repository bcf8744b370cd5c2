import assert from "node:assert/strict";
import { canonicalString } from "../../src/window/canonical_json.ts";
import type { OpenSessionQuery } from "../../src/window/open_session.ts";
import type {
  LookAnswer,
  ToldForm,
  WalkPlace,
} from "../../src/window/session_look.ts";
import type { WindowStore } from "../../src/window/window_store.ts";

/** Asks a store for sessions of visit_ids. */
export function find(store: WindowStore, ...visitIds: string[]): ToldForm[][] {
  const keys = visitIds.map(canonicalString);
  const answer = store.look({ kind: "find", keys });
  assert.ok(answer.kind === "found");
  return answer.found.map((forms) => [...forms]);
}

/** Asks it for a slice of a walk. */
export function slice(
  store: WindowStore,
  query: OpenSessionQuery,
  of: { readonly from?: WalkPlace | null; readonly above?: number } = {},
): Extract<LookAnswer, { kind: "listed" }> {
  const begun = { kind: "list", from: null, above: -Infinity } as const;
  const answer = store.look({ ...begun, ...query, ...of });
  assert.ok(answer.kind === "listed");
  return answer;
}
