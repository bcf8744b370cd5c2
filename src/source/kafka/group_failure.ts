import { WorldError } from "../../errors.ts";
import { isErrorType, plainMessage } from "../../kafka/client.ts";
import { errorType } from "../../kafka/client_trouble.ts";
import { missingAcl } from "../../kafka/missing_acl.ts";
import { isFatal } from "./kafka_trouble.ts";

/** Which group an error is about, and as whom this process is in it. */
interface Membership {
  readonly group: string;
  readonly instance: string | null;
}

/**
 * The failure that ends a membership of a group, in one sentence; null for an
 * error after which it is worth joining again.
 */
export function groupFailure(
  error: unknown,
  { group, instance }: Membership,
): WorldError | null {
  if (isErrorType(error, "INCONSISTENT_GROUP_PROTOCOL")) {
    return foreignGroup(group, error);
  }
  if (isErrorType(error, "FENCED_INSTANCE_ID")) {
    return sameInstance(group, instance, error);
  }
  return isFatal(error) ? cannotStay(group, error) : null;
}

function cannotStay(group: string, cause: unknown): WorldError {
  for (let at = cause; at instanceof Error; at = at.cause) {
    if (at instanceof WorldError) return at;
  }
  const reason = missingAcl(errorType(cause), { group }) ?? plainMessage(cause);
  const text = `Cannot stay in group "${group}": ${reason}`;
  return new WorldError(text, { cause });
}

function sameInstance(
  group: string,
  instance: string | null,
  cause: unknown,
): WorldError {
  return new WorldError(
    `Cannot stay in group "${group}": another process has joined it as ` +
      `instance "${instance}" too; give each process an --instance of its own`,
    { cause },
  );
}

function foreignGroup(group: string, cause: unknown): WorldError {
  return new WorldError(
    `Cannot join group "${group}": its members are another program, or ` +
      "another version of this one, which shares partitions out in another " +
      "way; stop them or give this job a group of its own with --group",
    { cause },
  );
}
