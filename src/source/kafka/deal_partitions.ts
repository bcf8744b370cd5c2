/** A member of a group, and what it had when it joined. */
export interface Claimant {
  readonly memberId: string;
  /** The generation that gave it these; -1 when it had none. */
  readonly generation: number;
  readonly partitions: readonly number[];
}

/**
 * Deals partitions out to members, in equal shares: each keeps what it had, as
 * far as its share goes, and the others are dealt in turn. What two members say
 * they had is the later one's. All in the order of their ids.
 */
export function dealPartitions(
  partitions: readonly number[],
  claimants: readonly Claimant[],
): ReadonlyMap<string, readonly number[]> {
  const inOrder = claimants.toSorted((a, b) =>
    a.memberId < b.memberId ? -1 : 1,
  );
  const dealt = keepShares(partitions, inOrder);
  const kept = new Set([...dealt.values()].flat());
  for (const partition of partitions) {
    if (kept.has(partition)) continue;
    const shares = [...dealt.values()];
    const least = Math.min(...shares.map(({ length }) => length));
    shares.find(({ length }) => length === least)?.push(partition);
  }
  for (const share of dealt.values()) share.sort((a, b) => a - b);
  return dealt;
}

/** What each member keeps; those that have most get the larger shares. */
function keepShares(
  partitions: readonly number[],
  claimants: readonly Claimant[],
): Map<string, number[]> {
  const holders = new Map<number, Claimant>();
  for (const claimant of claimants) {
    for (const partition of claimant.partitions) {
      const holder = holders.get(partition);
      if (holder && holder.generation >= claimant.generation) continue;
      holders.set(partition, claimant);
    }
  }
  const held = claimants.map((claimant) =>
    partitions.filter((each) => holders.get(each) === claimant),
  );
  const share = Math.floor(partitions.length / claimants.length);
  let larger = partitions.length % claimants.length;
  const sizes = held.map(() => share);
  const byCount = [...held.keys()].sort(
    (a, b) => held[b]!.length - held[a]!.length,
  );
  for (const index of byCount) {
    if (larger === 0 || held[index]!.length <= share) break;
    sizes[index]!++;
    larger--;
  }
  return new Map(
    claimants.map(({ memberId }, index) => [
      memberId,
      held[index]!.slice(0, sizes[index]),
    ]),
  );
}
