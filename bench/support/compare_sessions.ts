import { createHash } from "node:crypto";
import {
  formOf,
  normalizedLastForms,
  type SessionForm,
} from "../../test/reference/last_forms.ts";
import { readSessions, type StoredSession } from "./read_sessions.ts";

/** How two topics of sessions differ. */
export interface Comparison {
  readonly sessions: number;
  readonly onlyInFirst: number;
  readonly onlyInSecond: number;
}

/**
 * Compares the last forms of the sessions in two topics as sets, without what
 * depends on the moment: `generation_time`, `watermark` and the revision.
 */
export async function compareSessions(
  brokers: string,
  topics: readonly [string, string],
): Promise<Comparison> {
  const first = await readForms(brokers, topics[0]);
  const second = await readForms(brokers, topics[1]);
  const both = [...first].filter((form) => second.has(form)).length;
  return {
    sessions: both,
    onlyInFirst: first.size - both,
    onlyInSecond: second.size - both,
  };
}

async function readForms(brokers: string, topic: string): Promise<Set<string>> {
  const forms: SessionForm[] = [];
  await readSessions(brokers, topic, (session) => {
    forms.push(formOfStored(session, forms.length));
  });
  return new Set(normalizedLastForms(forms).map(digest));
}

/**
 * A peer sends no headers. The visits of the benches are not late for anybody,
 * so that each session of theirs is fired once: every record is a last form.
 */
function formOfStored(session: StoredSession, index: number): SessionForm {
  const { value, headers } = session;
  if ("session-id" in headers) return formOf(value, headers);
  return { id: `record-${index}`, revision: 0, supersedes: [], value };
}

function digest(value: string): string {
  return createHash("sha1").update(value).digest("base64");
}
