import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { answerThrough, PortView } from "../../src/admin/view_port.ts";
import { WorldError } from "../../src/errors.ts";
import type { RunView } from "../../src/observe/run_view.ts";
import { MadeView } from "./made_view.ts";

const ports: MessagePort[] = [];
after(() => {
  for (const port of ports) port.close();
});

/** A view that is asked through a port. */
function throughPort(view: RunView) {
  const channel = new MessageChannel();
  ports.push(channel.port1);
  answerThrough(channel.port1, view);
  const messages = { count: 0 };
  channel.port1.on("message", () => {
    messages.count++;
  });
  return { far: new PortView(channel.port2), messages };
}

test("PortView answers what the view behind the port says", async () => {
  const view = new MadeView();
  const { far } = throughPort(view);
  const { nowMs: _, ...state } = await far.state();
  const { nowMs: __, ...expected } = await view.state();
  assert.deepEqual(state, expected);
  const [delta] = await far.latencies();
  assert.ok(delta === undefined || delta.counts instanceof Float64Array);
});

test("PortView carries on errors with their text and their kind", async () => {
  const view = new MadeView();
  const failing = (error: Error): RunView => ({
    state: () => Promise.reject(error),
    latencies: () => view.latencies(),
    sessions: (query) => view.sessions(query),
    session: () => Promise.reject(error),
  });
  const world = throughPort(failing(new WorldError("Cannot: it restores")));
  const expected = { name: "WorldError", message: "Cannot: it restores" };
  await assert.rejects(world.far.session("v"), expected);
  const defect = throughPort(failing(new TypeError("no such thing")));
  await assert.rejects(defect.far.state(), {
    ...{ name: "Error", message: "no such thing" },
  });
});

test("PortView asks what is asked in 2 ms in one message", async () => {
  const view = new MadeView();
  const asked: string[] = [];
  const { far, messages } = throughPort({
    state: () => view.state(),
    latencies: () => view.latencies(),
    sessions: (query) => view.sessions(query),
    async session(visitId) {
      asked.push(visitId);
      if (visitId === "v7") throw new WorldError("Cannot find v7");
      return [];
    },
  });
  const ids = Array.from({ length: 100 }, (_, i) => `v${i}`);
  const answers = await Promise.allSettled(ids.map((id) => far.session(id)));
  assert.deepEqual(asked, ids);
  assert.equal(messages.count, 1);
  await Promise.all([far.state(), nextTurn().then(() => far.latencies())]);
  assert.equal(messages.count, 2, "a turn later it is the same message");
  const failed = answers.map(({ status }) => status === "rejected");
  assert.deepEqual(
    ids.filter((_, i) => failed[i]),
    ["v7"],
  );
});

test("PortView refuses look-ups while too many wait, tells how the run stands, and takes more later", async () => {
  const held = Promise.withResolvers<[]>();
  const view = new MadeView();
  const { far } = throughPort({
    state: () => view.state(),
    latencies: () => view.latencies(),
    sessions: () => held.promise,
    session: () => held.promise,
  });
  const waiting = Array.from({ length: 1_000 }, () => far.session("v"));
  const refusal = {
    name: "WorldError",
    message:
      "Cannot look up sessions: 1000 who ask wait already; ask again later",
  };
  await assert.rejects(far.session("v"), refusal);
  const query = { order: "latest", limit: 1 } as const;
  await assert.rejects(far.sessions(query), refusal);
  // However many ask for sessions: a run that cannot be asked counts as dead.
  assert.equal((await far.state()).phase, (await view.state()).phase);
  await far.latencies();
  held.resolve([]);
  await Promise.all(waiting);
  assert.deepEqual(await far.session("v"), []);
});
