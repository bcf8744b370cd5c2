import type { Coordinators } from "./coordinators.ts";
import type { GroupSeat } from "./group_seat.ts";
import { missingAcl } from "./missing_acl.ts";
import { heartbeat } from "./private/group_offsets_seam.ts";
import { CODES } from "./transaction_failure.ts";

/**
 * True when another process has joined the group under the seat's own name: who
 * is fenced then must end, or the two would take it from each other for ever. A
 * dynamic member's seat cannot be taken so.
 */
export async function isSeatTaken(
  coordinators: Coordinators,
  group: string,
  seat: GroupSeat | null,
): Promise<boolean> {
  if (seat === null || seat.groupInstanceId === null) return false;
  const { errorCode } = await coordinators.ask({
    coordinator: { kind: "group", name: group },
    doing: `stay in group "${group}"`,
    isRepeatable: true,
    send: (broker) => heartbeat(broker, group, seat),
  });
  return errorCode === CODES.fencedInstanceId;
}

/** A seat that nobody has. */
const NO_SEAT: GroupSeat = {
  memberId: "",
  generationId: -1,
  groupInstanceId: null,
};

/**
 * The error code with which a group's coordinator refuses this user; 0 when it
 * does not. kafkajs says of a group that is forbidden only that it is not found.
 */
export async function groupRefusal(
  coordinators: Coordinators,
  group: string,
): Promise<number> {
  const { errorCode } = await coordinators.ask({
    coordinator: { kind: "group", name: group },
    doing: `use group "${group}"`,
    isRepeatable: true,
    send: (broker) => heartbeat(broker, group, NO_SEAT),
  });
  return missingAcl(errorCode, {}) === null ? 0 : errorCode;
}
