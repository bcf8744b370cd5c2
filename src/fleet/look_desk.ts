import { WorldError } from "../errors.ts";
import { canonicalString } from "../window/canonical_json.ts";
import {
  keepBest,
  type OpenSession,
  type OpenSessionForm,
  type OpenSessionQuery,
  rankOf,
} from "../window/open_session.ts";
import { ownersOf } from "../window/visit_owner.ts";
import type { LookAnswer, LookMessage, WalkPlace } from "../wire/messages.ts";
import type { ShardRunner } from "./dispatcher_parts.ts";
import type { Waiters } from "./waiters.ts";

/** Look-ups that may wait at once, and lists. */
const FINDS_MAX = 10_000;
const LISTS_MAX = 100;
/** visit_ids that a shard is asked for at once. */
const KEYS_MAX = 256;
const LIMIT_MAX = 1000;

/** One who waits for open sessions. */
interface Asked<Session> {
  readonly sessions: Session[];
  /** Shards that have not told all. */
  left: number;
  resolve(sessions: Session[]): void;
  reject(error: WorldError): void;
}

interface Find extends Asked<OpenSessionForm> {
  readonly visitId: string;
  readonly key: string;
}

interface List extends Asked<OpenSession> {
  readonly query: OpenSessionQuery;
  /** By shard: where its walk goes on. */
  readonly places: (WalkPlace | null)[];
}

/** What one shard is to be asked. */
interface Desk {
  readonly finds: Find[];
  readonly lists: List[];
  /** It was asked something and has not answered. */
  isAsked: boolean;
  wasList: boolean;
}

/** What a shard is asked, and what is done with its answer. */
interface Asking {
  readonly message: LookMessage;
  take(answer: LookAnswer): void;
}

/** What a desk of look-ups works with. */
export interface LookDeskParts {
  readonly pool: Pick<ShardRunner, "size" | "look">;
  readonly waiters: Waiters;
  /** What a shard owns: any may have a visit_id where it is a record's key. */
  readonly routeBy?: "visit_id" | "key";
}

/**
 * Asks the shards what sessions are open. It is no task of theirs: it changes
 * nothing, and nothing waits for it. Each shard is asked one thing at a time, so
 * what is asked for meanwhile goes together.
 */
export class LookDesk {
  readonly #parts: LookDeskParts;
  readonly #desks: readonly Desk[];
  readonly #finds = new Set<Find>();
  readonly #lists = new Set<List>();
  #isAsking = false;
  #hasEnded = false;

  constructor(parts: LookDeskParts) {
    this.#parts = parts;
    this.#desks = Array.from({ length: parts.pool.size }, () => {
      return { finds: [], lists: [], isAsked: false, wasList: false };
    });
    parts.waiters.until(() => false).catch(() => this.end());
  }

  /**
   * The open sessions of a visit_id, by start. Rejects with a `WorldError` while
   * windows are restored, when too many wait, and when the run is over.
   */
  find(visitId: string): Promise<OpenSessionForm[]> {
    const key = canonicalString(visitId);
    const { pool, routeBy = "visit_id" } = this.#parts;
    const owners = ownersOf(key, { shardCount: pool.size, routeBy });
    return this.#wait(this.#finds, FINDS_MAX, (asked) => {
      const find = { ...asked, visitId, key, left: owners.length };
      for (const shard of owners) this.#desks[shard]!.finds.push(find);
      return find;
    });
  }

  /** Open sessions of all shards, best first. Rejects as `find` does. */
  list(query: OpenSessionQuery): Promise<OpenSession[]> {
    const { limit } = query;
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX)) {
      throw new RangeError(
        `Cannot list sessions: limit ${limit} must be from 1 to ${LIMIT_MAX}`,
      );
    }
    return this.#wait(this.#lists, LISTS_MAX, (asked) => {
      const places = this.#desks.map(() => null);
      const list = { ...asked, query, places, left: places.length };
      for (const { lists } of this.#desks) lists.push(list);
      return list;
    });
  }

  /** Nobody is asked any more: rejects all that wait, now and later. */
  end(): void {
    this.#hasEnded = true;
    for (const asked of this.#finds) asked.reject(overError());
    for (const asked of this.#lists) asked.reject(overError());
    this.#finds.clear();
    this.#lists.clear();
  }

  #wait<Session, All extends Asked<Session>>(
    waiting: Set<All>,
    max: number,
    ask: (asked: Omit<Asked<Session>, "left">) => All,
  ): Promise<Session[]> {
    if (this.#hasEnded) return Promise.reject(overError());
    if (waiting.size >= max) {
      return Promise.reject(
        new WorldError(
          `Cannot look up sessions: ${max} who ask wait already; ask again later`,
        ),
      );
    }
    return new Promise((resolve, reject) => {
      waiting.add(ask({ sessions: [], resolve, reject }));
      this.#askSoon();
    });
  }

  /** All that is asked for in a turn of the event loop goes together. */
  #askSoon(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    setImmediate(() => {
      this.#isAsking = false;
      for (const shard of this.#desks.keys()) this.#ask(shard);
    });
  }

  #ask(shard: number): void {
    const { pool, waiters } = this.#parts;
    const desk = this.#desks[shard]!;
    const asking = desk.isAsked ? null : this.#next(shard);
    if (asking === null) return;
    desk.isAsked = true;
    pool.look(shard, asking.message).then(
      (answer) =>
        waiters.attempt(() => {
          desk.isAsked = false;
          asking.take(answer);
          this.#ask(shard);
        }),
      (error) => {
        // Its thread may have ended, and its windows with it.
        if (!this.#hasEnded) waiters.lose(error);
      },
    );
  }

  /** What to ask a shard next, look-ups and lists in turn; null for nothing. */
  #next(shard: number): Asking | null {
    const desk = this.#desks[shard]!;
    const finds = desk.finds.splice(0).filter((it) => this.#finds.has(it));
    const lists = desk.lists.splice(0).filter((it) => this.#lists.has(it));
    const takesList = lists.length > 0 && !(finds.length > 0 && desk.wasList);
    const asked = takesList ? [] : finds.splice(0, KEYS_MAX);
    const list = takesList ? lists.shift()! : null;
    desk.wasList = takesList;
    desk.finds.push(...finds);
    desk.lists.push(...lists);
    if (list !== null) return this.#askingList(shard, list);
    return asked.length === 0 ? null : this.#askingFinds(shard, asked);
  }

  #askingFinds(shard: number, finds: readonly Find[]): Asking {
    const keys = finds.map(({ key }) => key);
    const take = (answer: LookAnswer) => {
      if (answer.kind !== "found") {
        for (const find of finds) this.#refuse(this.#finds, find);
        return;
      }
      const { found } = answer;
      this.#desks[shard]!.finds.unshift(...finds.slice(found.length));
      for (const [i, forms] of found.entries()) {
        const find = finds[i]!;
        const { sessions, visitId } = find;
        const whole = { visitId, isCut: false, shard };
        sessions.push(...forms.map((form) => ({ ...form, ...whole })));
        if (--find.left > 0) continue;
        sessions.sort((a, b) => a.startMs - b.startMs);
        if (this.#finds.delete(find)) find.resolve(sessions);
      }
    };
    return { message: { kind: "find", keys }, take };
  }

  #askingList(shard: number, list: List): Asking {
    const { query, places, sessions } = list;
    const { order, limit } = query;
    const worst = sessions[limit - 1];
    const above = worst === undefined ? -Infinity : rankOf(worst, order);
    const from = places[shard]!;
    const take = (answer: LookAnswer) => {
      if (answer.kind !== "listed") {
        this.#refuse(this.#lists, list);
        return;
      }
      sessions.push(...answer.sessions.map((told) => ({ ...told, shard })));
      keepBest(sessions, query);
      places[shard] = answer.next;
      // One after the other: if they took turns, none would be done before all are.
      if (answer.next !== null) this.#desks[shard]!.lists.unshift(list);
      else if (--list.left === 0 && this.#lists.delete(list)) {
        list.resolve(sessions);
      }
    };
    return { message: { kind: "list", order, limit, above, from }, take };
  }

  #refuse<All extends Find | List>(waiting: Set<All>, asked: All): void {
    if (!waiting.delete(asked)) return;
    asked.reject(
      new WorldError(
        "Cannot look up sessions: their windows are being restored; ask again when the job is ready",
      ),
    );
  }
}

function overError(): WorldError {
  return new WorldError("Cannot look up sessions: the run is over");
}
