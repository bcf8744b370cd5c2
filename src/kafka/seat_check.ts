import type { Coordinators } from "./coordinators.ts";
import type { GroupSeat } from "./group_seat.ts";
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
