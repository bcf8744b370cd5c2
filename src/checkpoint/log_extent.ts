const MIB = 1 << 20;
/**
 * From one and a half times its live bytes and this on, the log of a partition
 * is renewed. While the oldest commit is, all of it stays, so the log grows by
 * its live bytes once more, and by what comes meanwhile. Nor are there as many
 * live bytes when that is done: a session that is put whole takes less.
 */
const SLACK_BYTES = 24 * MIB;
/** Renewed of a partition with a commit: at least, and at most. */
const RENEWED_BYTES_MIN = MIB / 4;
const RENEWED_BYTES_MAX = 8 * MIB;
/** So many times the bytes that came with the last commit are renewed. */
const RENEWED_SHARE = 8;

/** From where on the log of a partition is renewed. */
export interface LogLimits {
  /** So many bytes beside one and a half times the live ones. */
  readonly slackBytes: number;
  /** Renewed with a commit at least, bytes. */
  readonly renewedBytesMin: number;
}

const LIMITS: LogLimits = {
  slackBytes: SLACK_BYTES,
  renewedBytesMin: RENEWED_BYTES_MIN,
};

/** What a commit has in the log of a partition. */
interface CommitExtent {
  readonly commit: number;
  /** No record of it is before this offset. */
  readonly start: number;
  readonly byteLength: number;
}

/** Which sessions are to be written anew, so that the log before them can go. */
export interface Renewal {
  readonly partition: number;
  /** Those whose last put is of an older commit than this, the oldest first. */
  readonly beforeCommit: number;
  /** So many bytes of them with one commit, about. */
  readonly bytes: number;
}

/**
 * Where the window log of one partition begins and ends, and which commit lies
 * where in between.
 */
export class LogExtent {
  readonly partition: number;
  readonly #limits: LogLimits;
  #from: number;
  #end: number;
  #commits: CommitExtent[] = [];
  #byteLength = 0;
  /** Bytes of the last commit, without what was renewed with it. */
  #newBytes = 0;
  #renewedBytes = 0;
  /** Bytes in front of `from` that are not deleted yet. */
  #deletableBytes = 0;

  /** The extent that committed metadata names, its commits still unknown. */
  constructor(
    partition: number,
    { from, end }: { readonly from: number; readonly end: number },
    limits: LogLimits = LIMITS,
  ) {
    this.partition = partition;
    this.#limits = limits;
    this.#from = from;
    this.#end = end;
  }

  /** The first offset that a restore needs. */
  get from(): number {
    return this.#from;
  }

  /** The offset behind the last mark. */
  get end(): number {
    return this.#end;
  }

  /** Bytes of the records between the two. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /**
   * Takes note of records of a commit, in the order of commits. They begin where
   * those of the commit before end, or later, and end at `end`.
   */
  add(
    commit: number,
    { end, byteLength }: { readonly end: number; readonly byteLength: number },
    start: number = this.#end,
  ): void {
    const last = this.#commits.at(-1);
    if (!(end > start) || (last !== undefined && commit <= last.commit)) {
      throw new Error(
        `Cannot add commit ${commit} at offsets ${start} to ${end} of the ` +
          `window log of partition ${this.partition}: commit ` +
          `${last?.commit ?? "none"} is its last`,
      );
    }
    this.#commits.push({ commit, start, byteLength });
    this.#byteLength += byteLength;
    this.#newBytes = Math.max(0, byteLength - this.#renewedBytes);
    this.#renewedBytes = 0;
    this.#end = end;
  }

  /**
   * Moves the log's beginning to the oldest commit that a live session needs
   * (null: there is none), never past the last mark. Without a commit in the
   * log all stays.
   */
  moveFrom(oldestCommit: number | null): void {
    const commits = this.#commits;
    const last = commits.at(-1);
    if (last === undefined) return;
    let kept = commits.findLastIndex(
      ({ commit }) => commit <= (oldestCommit ?? last.commit),
    );
    kept = Math.max(0, kept);
    for (const { byteLength } of commits.slice(0, kept)) {
      this.#byteLength -= byteLength;
      this.#deletableBytes += byteLength;
    }
    this.#commits = commits.slice(kept);
    const from =
      oldestCommit === null ? this.#end - 1 : this.#commits[0]!.start;
    this.#from = Math.max(this.#from, from);
  }

  /** What is to be renewed with the next commit, by the bytes that are live. */
  renewal(liveBytes: number): Renewal | null {
    const { slackBytes, renewedBytesMin } = this.#limits;
    const allowed = 1.5 * liveBytes + slackBytes;
    const last = this.#commits.at(-1);
    if (last === undefined || this.#byteLength <= allowed) return null;
    let excess = this.#byteLength - (3 / 4) * allowed;
    let next = 0;
    while (next < this.#commits.length - 1 && excess > 0) {
      excess -= this.#commits[next++]!.byteLength;
    }
    const beforeCommit = this.#commits[next]!.commit;
    const bytes = Math.min(
      RENEWED_BYTES_MAX,
      Math.max(renewedBytesMin, RENEWED_SHARE * this.#newBytes),
    );
    this.#renewedBytes = bytes;
    return { partition: this.partition, beforeCommit, bytes };
  }

  /**
   * The offset before which records can be deleted, when they have so many bytes,
   * else null; only once for the same records. To be asked when the last commit
   * is known to be committed.
   */
  takeDeletable(bytesMin: number): number | null {
    if (this.#deletableBytes < bytesMin) return null;
    this.#deletableBytes = 0;
    return this.#from;
  }
}
