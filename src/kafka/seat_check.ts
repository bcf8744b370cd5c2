import { setTimeout as sleep } from "node:timers/promises";
import type { Coordinators } from "./coordinators.ts";
import { CODES } from "./error_codes.ts";
import type { GroupSeat } from "./group_seat.ts";
import { missingAcl } from "./missing_acl.ts";
import { heartbeat } from "./private/group_offsets_seam.ts";
import { mayBeTaken } from "./transaction_failure.ts";

/** Asked again so soon whether a seat is taken, ms, and for so long. */
const PAUSE_MS = 100;
const PATIENCE_MS = 3_000;

/** Whose seat it may be that is taken. */
export interface SeatQuestion {
  readonly coordinators: Coordinators;
  readonly group: string;
  readonly seatNow: () => GroupSeat | null;
}

/**
 * The seat, when it is behind a refusal that another process has joined the
 * group under its name, else null: who is fenced so must end, or the two would
 * take it from each other for ever. A dynamic member's seat cannot be taken so.
 * A member of this process that joins anew takes the old seat too, and it is
 * only known a little later which one is its own: so it is asked for seconds.
 */
export async function takenSeat(
  code: number,
  { coordinators, group, seatNow }: SeatQuestion,
): Promise<GroupSeat | null> {
  if (!mayBeTaken(code)) return null;
  for (const endMs = performance.now() + PATIENCE_MS; ; ) {
    const seat = seatNow();
    if (seat === null || seat.groupInstanceId === null) return null;
    const { errorCode } = await coordinators.ask({
      coordinator: { kind: "group", name: group },
      doing: `stay in group "${group}"`,
      isRepeatable: true,
      send: (broker) => heartbeat(broker, group, seat),
    });
    if (errorCode !== CODES.fencedInstanceId) return null;
    if (performance.now() > endMs) return seat;
    await sleep(PAUSE_MS);
  }
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
