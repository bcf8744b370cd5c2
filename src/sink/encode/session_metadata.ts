import {
  assertCloseReason,
  FINAL_TEXTS,
  METADATA,
  METADATA_NAMES,
  type MetadataName,
} from "../../kernel/host/session_names.ts";
import type { FiredSession } from "../../window/window_store.ts";

/**
 * The ASCII text of one header; "" for a header that is absent. Throws a
 * `RangeError` for a close reason that is none.
 */
export function metadataValue(
  session: FiredSession,
  name: MetadataName,
): string {
  switch (name) {
    case METADATA.sessionId:
      return `${session.idPartition}-${session.idOffset}`;
    case METADATA.revision:
      return String(session.revision);
    case METADATA.final:
      return FINAL_TEXTS[session.final ? 1 : 0];
    case METADATA.closeReason:
      assertCloseReason(session.closeReason);
      return session.closeReason;
    case METADATA.supersedes:
      return session.supersedes;
    case METADATA.sourceTopicId:
      return session.sourceTopicId;
  }
}

/** All headers that are present. */
export function metadataOf(session: FiredSession): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const name of METADATA_NAMES) {
    const value = metadataValue(session, name);
    if (value !== "") metadata[name] = value;
  }
  return metadata;
}

/** The headers as the JSON object that `--with-metadata` shows. */
export function metadataJson(session: FiredSession): string {
  let members = "";
  for (const name of METADATA_NAMES) {
    const value = metadataValue(session, name);
    if (value === "") continue;
    members += `${members === "" ? "" : ", "}"${name}": "${value}"`;
  }
  return `{${members}}`;
}
