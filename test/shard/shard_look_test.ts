import assert from "node:assert/strict";
import { test } from "node:test";
import type { ShardReport } from "../../src/fleet/shard_report.ts";
import type { SessionShard } from "../../src/shard/session_shard.ts";
import type { LookAnswer, LookMessage } from "../../src/wire/messages.ts";
import { Hand, MINUTE_MS, START_MS, visit } from "../support/shard_hand.ts";

const LIST: LookMessage = {
  ...({ kind: "list", order: "latest", limit: 1000 } as const),
  ...{ above: -Infinity, from: null },
};

function look(shard: SessionShard, id: string) {
  const answer = shard.look({ kind: "find", keys: [id] });
  assert.ok(answer.kind === "found");
  return answer.found[0]!;
}

/** The bytes of all that a report holds. */
function bytesOf(report: ShardReport): string {
  return [...report.chunks(), ...report.deltas()]
    .map(({ bytes }) => Buffer.from(bytes).toString("base64"))
    .join("\n");
}

/** Small reports, so that a shard stops amid its work, before a barrier too. */
const SMALL = { outputBytes: 64 * 1024, keepsChanges: true };

/** A busy life of a shard: what it put out, with `between` after each report. */
function busyLife(
  between: (hand: Hand, report: ShardReport) => void,
): string[] {
  const hand = new Hand(SMALL);
  const page = "p".repeat(8_000);
  const put: string[] = [];
  const give: Hand["give"] = (...task) => {
    const report = hand.give(...task);
    put.push(bytesOf(report));
    between(hand, report);
    return report;
  };
  const finish = (report: ShardReport) => {
    for (let last = report; last.appliedSequence < hand.sequence; ) {
      assert.ok(put.length < 1_000, "the shard never gets there");
      last = give([], { barrier: 0 });
    }
  };
  for (let barrier = 1; barrier <= 3; barrier++) {
    const startMs = START_MS + barrier * 600 * MINUTE_MS;
    const ids = Array.from({ length: 30 }, (_, i) => `v${i}`);
    finish(
      give(
        ids.map((id) => visit(id, startMs, page)),
        { barrier },
      ),
    );
    finish(give([], { barrier: 0, mergedWatermarkMs: startMs + MINUTE_MS }));
  }
  return put;
}

test("looking between any two reports changes nothing of what is put out", () => {
  let amid = 0;
  const answers: LookAnswer[] = [];
  const looked = busyLife(({ shard, sequence }, report) => {
    if (report.appliedSequence < sequence) amid++;
    answers.push(shard.look(LIST));
    const forms = look(shard, "v7");
    for (const { json } of forms)
      assert.equal(JSON.parse(json!).visit_id, "v7");
  });
  assert.deepEqual(
    looked,
    busyLife(() => {}),
  );
  assert.ok(amid > 20, `${amid} reports amid a task`);
  const counts = answers.map((answer) => {
    assert.ok(answer.kind === "listed" && answer.next === null);
    return answer.sessions.length;
  });
  assert.equal(Math.max(...counts), 60);
});

test("while windows are restored it says so, and no more", () => {
  const hand = new Hand({ keepsChanges: true });
  hand.give([visit("a", START_MS)]);
  assert.equal(look(hand.shard, "a").length, 1);
  hand.give([], {}, [{ kind: "clear" }]);
  hand.give([]);
  const restoring: LookAnswer = { kind: "restoring" };
  assert.deepEqual(hand.shard.look({ kind: "find", keys: ["a"] }), restoring);
  assert.deepEqual(hand.shard.look(LIST), restoring);
  const assignment = { assignment: 1, dropped: [0], topicId: null };
  hand.give([], {}, [{ kind: "reassign", ...assignment }]);
  assert.deepEqual(look(hand.shard, "a"), []);
});
