/** What a group is left with: of kafkajs' `Cluster`. */
export interface LeavingCluster {
  findGroupCoordinator(options: { readonly groupId: string }): Promise<{
    leaveGroup(fields: {
      readonly groupId: string;
      readonly memberId: string;
    }): Promise<unknown>;
  }>;
}

/**
 * A member on its way into its group. Brokers count it from its first request on,
 * and wait for it until its session times out.
 */
export class GroupEntry {
  /** What the brokers call it; null before they have said. */
  #memberId: string | null;
  readonly #named = Promise.withResolvers<void>();

  constructor(memberId: string | null) {
    this.#memberId = memberId;
  }

  /** It asks to join as this member, under no name for the first time. */
  name(memberId: string): void {
    if (memberId === "") return;
    this.#memberId = memberId;
    this.#named.resolve();
  }

  /** It asks no more. */
  end(): void {
    this.#named.resolve();
  }

  /** Turns back: leaves as whom the brokers know it, once that is known. */
  async turnBack(groupId: string, cluster: LeavingCluster): Promise<void> {
    if (this.#memberId === null) await this.#named.promise;
    const memberId = this.#memberId;
    if (memberId === null) return;
    // Over a connection that does not wait for the answer to its joining.
    const coordinator = await cluster.findGroupCoordinator({ groupId });
    await coordinator.leaveGroup({ groupId, memberId });
  }
}
