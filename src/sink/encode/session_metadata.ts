import type { FiredSession } from "../../window/window_store.ts";

/** Names of the headers of a session, in the order in which they stand. */
export const METADATA_NAMES = [
  "session-id",
  "revision",
  "final",
  "close-reason",
  "supersedes",
] as const;

/** One of `METADATA_NAMES`. */
export type MetadataName = (typeof METADATA_NAMES)[number];

/** The ASCII text of one header; "" for a header that is absent. */
export function metadataValue(
  session: FiredSession,
  name: MetadataName,
): string {
  switch (name) {
    case "session-id":
      return `${session.idPartition}-${session.idOffset}`;
    case "revision":
      return String(session.revision);
    case "final":
      return session.final ? "true" : "false";
    case "close-reason":
      return session.closeReason;
    case "supersedes":
      return session.supersedes;
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
