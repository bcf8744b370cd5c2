/**
 * Who commits for a group: the member as it was when its assignment was made.
 * Brokers refuse the commits of a seat that has been taken or has ended.
 */
export interface GroupSeat {
  readonly memberId: string;
  readonly generationId: number;
  /** Name of a static member, `group.instance.id`; null for a dynamic one. */
  readonly groupInstanceId: string | null;
}

/** The seat that this process has now, over all its lives; null before the first. */
export interface OwnSeat {
  now: GroupSeat | null;
}
