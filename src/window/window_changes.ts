/** Whose sessions a shard restores: those whose hash is its own. */
export interface ShardPlace {
  readonly shard: number;
  readonly shardCount: number;
}

/** Records of the window log of one partition, as a record batch. */
export interface LogBatch {
  readonly partition: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** What the live sessions of a store need of the log of a partition. */
export interface LogState {
  readonly partition: number;
  /** Number of the commit with the oldest put that one of them needs. */
  readonly oldestCommit: number;
  /** Bytes of the records that they need. */
  readonly liveBytes: number;
}

/** What changes in the windows of a store, as records of the window log. */
export interface WindowChanges {
  /** Bytes in record batches that were not taken yet. */
  readonly changeBytes: number;
  /** From here on changes are noted; to be called before any visit. */
  keepChanges(options: { readonly logRecordBytesMax?: number }): void;
  /**
   * Writes what has changed since the last commit into record batches, about
   * `bytesMax` more at most; true when all is written.
   */
  exportChanges(commit: number, bytesMax: number): boolean;
  /**
   * Has sessions written whole by the next export: those whose last put is of
   * an older commit, oldest first, up to so many bytes.
   */
  renew(partition: number, beforeCommit: number, bytesMax: number): void;
  /** The record batches, valid until the next call to the store. */
  takeChanges(): readonly LogBatch[];
  /** By partition of the log with sessions that are in it. */
  logStates(): readonly LogState[];
  /** Forgets all windows and deadlines. */
  clear(): void;
  /**
   * Takes the records of one unpacked batch, in the order of the log; skips
   * marks and the sessions of other shards. Throws a `WorldError` for a version
   * that it does not know.
   */
  restore(records: Buffer, count: number, owner: ShardPlace): void;
}
