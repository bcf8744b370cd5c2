import { type Chunk, isAnyPacked, placeOf } from "../record/chunk.ts";
import type { ScanAnswer } from "../wire/messages.ts";
import { DealtChunk } from "./dealt_chunk.ts";
import {
  type FleetClock,
  type ShardRunner,
  skewNowMs,
} from "./dispatcher_parts.ts";
import type { InFlight } from "./in_flight.ts";
import {
  type Group,
  type Scan,
  ScanDesk,
  type ScanOptions,
} from "./scan_desk.ts";
import { ScanThreads } from "./scan_threads.ts";
import type { ShardLink } from "./shard_link.ts";
import type { Waiters } from "./waiters.ts";

/**
 * While there is little to do each shard scans a chunk by itself, when that makes
 * no more than so many records in vain: so visits are there a message earlier.
 */
const SHARED_RECORDS_MAX = 512;
/** Nor more bytes than so many. */
const SHARED_BYTES_MAX = 256 * 1024;

/** Whom the dealer hands its chunks on to. */
export interface DealerHost {
  readonly links: readonly Pick<
    ShardLink,
    "batch" | "outstanding" | "chunksSince"
  >[];
  /** Sends what the batch of a shard has: it is full. */
  sendFull(link: DealerHost["links"][number]): void;
  /** More may be handed on: does so, and sends what should be sent. */
  goOn(): void;
}

/** What the dealer works with. */
export interface DealerOptions extends ScanOptions {
  readonly pool: Pick<ShardRunner, "scan">;
  readonly inFlight: InFlight;
  /** What the other shards may scan of a chunk, `SHARED_RECORDS_MAX` when left out. */
  readonly sharedRecordsMax?: number;
  /** The time of the skew check. */
  readonly clock: FleetClock;
  /** What fails here, fails all of them. */
  readonly waiters: Pick<
    Waiters,
    "attempt" | "lose" | "throwFailure" | "until"
  >;
}

/** A chunk in the queue. */
interface ChunkJob {
  readonly kind: "chunk";
  readonly dealt: DealtChunk;
  /** What the shards get of it; null while it is not scanned. */
  groups: readonly Group[] | null;
}

/** What waits for the chunks in front of it. */
interface WorkJob {
  readonly kind: "work";
  readonly work: () => void;
  readonly isReady: () => boolean;
}

/**
 * Brings chunks to the shards. With several shards the threads scan them, any
 * thread any chunk, into rows for each shard; the rows are handed on in the
 * order in which the chunks came. The only shard scans its chunks by itself, as
 * do all of several with small ones, each for its own visits.
 */
export class Dealer {
  readonly #host: DealerHost;
  readonly #options: DealerOptions;
  readonly #desk: ScanDesk;
  readonly #threads: ScanThreads;
  readonly #jobs: (ChunkJob | WorkJob)[] = [];
  /** Those of the jobs that no thread has got yet. */
  readonly #unscanned: ChunkJob[] = [];
  #isForwarding = false;

  constructor(host: DealerHost, options: DealerOptions) {
    const { links } = host;
    this.#host = host;
    this.#options = options;
    this.#desk = new ScanDesk(options);
    this.#threads = new ScanThreads(
      links.length,
      (thread) => links[thread]!.outstanding,
    );
  }

  /** True when all chunks are handed on, and nothing waits behind them. */
  get isEmpty(): boolean {
    return this.#jobs.length === 0 && !this.#isForwarding;
  }

  /** True while a chunk of the partition is not handed on to the shards. */
  isDealing(partition: number): boolean {
    return this.#jobs.some(
      (job) => job.kind === "chunk" && job.dealt.chunk.partition === partition,
    );
  }

  /**
   * Takes a chunk, which is released when all of it is applied. Throws what has
   * ended the job.
   */
  deal(chunk: Chunk): void {
    this.#options.waiters.throwFailure();
    const { inFlight, keepsRecords } = this.#options;
    const isAlone = this.#host.links.length === 1;
    const keepsUnpacked = keepsRecords && !isAlone;
    const dealt = new DealtChunk(chunk, inFlight, { keepsUnpacked });
    const groups = isAlone ? [this.#whole(dealt)] : this.#shared(dealt);
    const job: ChunkJob = { kind: "chunk", dealt, groups };
    this.#jobs.push(job);
    if (groups === null) this.#unscanned.push(job);
    this.forward();
  }

  /** Resolves when all chunks dealt so far are handed on to the shards. */
  handedOn(): Promise<void> {
    return this.until(() => this.isEmpty);
  }

  /** Resolves when something is so, which is looked at after each report. */
  until(isSo: () => boolean): Promise<void> {
    return this.#options.waiters.until(isSo);
  }

  /**
   * Does something when all chunks dealt so far are handed on and `isReady` is
   * true, which is looked at after each report; what is dealt later comes behind.
   */
  behind(work: () => void, isReady: () => boolean = () => true): void {
    this.#jobs.push({ kind: "work", work, isReady });
    this.forward();
  }

  /** Has scanned and hands on what can be. */
  forward(): void {
    this.#startScans();
    if (this.#isForwarding) return;
    this.#isForwarding = true;
    this.#options.waiters.attempt(() => {
      for (let job = this.#jobs[0]; job !== undefined; job = this.#jobs[0]) {
        if (!isReady(job)) break;
        this.#jobs.shift();
        if (job.kind === "work") job.work();
        else this.#handOn(job);
      }
    });
    this.#isForwarding = false;
  }

  #handOn({ dealt, groups }: ChunkJob): void {
    for (const { shard, part } of groups!) {
      const link = this.#host.links[shard]!;
      if (!link.batch.fits(part)) this.#host.sendFull(link);
      link.batch.add(part);
    }
    for (const link of this.#host.links) link.chunksSince++;
    // From here on those hold it that got something of it.
    dealt.release();
  }

  /** All of a chunk for the only shard. */
  #whole(dealt: DealtChunk): Group {
    const { chunk, byteLength } = dealt;
    const place = placeOf(chunk, this.#options.topic);
    const { count } = chunk;
    return { shard: 0, part: { dealt, count, byteLength, place } };
  }

  /** All of a small chunk for each shard; null when it is to be scanned first. */
  #shared(dealt: DealtChunk): Group[] | null {
    const { chunk, byteLength } = dealt;
    const { clock, topic, inFlight, keepsRecords, sharedRecordsMax } =
      this.#options;
    const { count, bytes, starts } = chunk;
    const { links } = this.#host;
    const others = links.length - 1;
    const recordsMax = sharedRecordsMax ?? SHARED_RECORDS_MAX;
    if (others * count > recordsMax) return null;
    if (others * byteLength > SHARED_BYTES_MAX) return null;
    // It costs more CPU where messages are cheap, and is quick everywhere.
    if (!inFlight.isLittle) return null;
    // Rows must lead back to records, which are gone when a shard unpacks them.
    if (keepsRecords && isAnyPacked(bytes, starts)) return null;
    const place = { chunk: placeOf(chunk, topic), nowMs: skewNowMs(clock) };
    const part = { dealt, count, byteLength, place };
    return links.map((_, shard) => ({ shard, part }));
  }

  #startScans(): void {
    const { inFlight } = this.#options;
    for (let job = this.#unscanned[0]; job; job = this.#unscanned[0]) {
      // Each of them unpacks its records, however many those turn out to be.
      const { isOver } = inFlight;
      if (isOver && !this.#threads.areIdle) return;
      const thread = this.#threads.begin(isOver);
      if (thread < 0) return;
      this.#unscanned.shift();
      this.#startScan(job, thread);
    }
  }

  #startScan(job: ChunkJob, thread: number): void {
    const { pool, clock, waiters } = this.#options;
    waiters.attempt(() => {
      const scan = this.#desk.order(job.dealt, skewNowMs(clock));
      pool.scan(thread, scan.message).then(
        (answer) =>
          waiters.attempt(() => {
            this.#threads.end(thread);
            this.#take(job, scan, answer);
          }),
        (error) => waiters.lose(error),
      );
    });
  }

  #take(job: ChunkJob, scan: Scan, answer: ScanAnswer): void {
    job.groups = this.#desk.read(job.dealt, scan, answer);
    this.#host.goOn();
  }
}

function isReady(job: ChunkJob | WorkJob): boolean {
  return job.kind === "work" ? job.isReady() : job.groups !== null;
}
