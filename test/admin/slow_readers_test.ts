import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import type { OpenSessionForm } from "../../src/observe/run_view.ts";
import { collectGarbage } from "../support/collect_garbage.ts";
import { waitUntil } from "../support/wait_until.ts";
import { MadeView, NOON_MS } from "./made_view.ts";
import { servedAdmin } from "./served_admin.ts";

const MIB = 1024 ** 2;
const READERS = 30;
/** Much more than the operating system keeps for a reader. */
const ANSWER_BYTES = 24 * MIB;

function largeSession(visitId: string): OpenSessionForm {
  return {
    ...{ visitId, sessionId: "0-7", shard: 0, isMixed: false, isCut: false },
    startMs: NOON_MS,
    lastVisitMs: NOON_MS + 1,
    endMs: NOON_MS + 600_001,
    ...{ visits: 2, unfiredVisits: 2, bytes: ANSWER_BYTES, firings: 0 },
    json: "x".repeat(ANSWER_BYTES),
  };
}

/** Memory of the process without what nobody holds any more. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().rss;
}

/** Asks for a large session, and takes nothing of the answer. */
async function askSlowly(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").pause();
  await once(socket, "connect");
  socket.write("GET /sessions/large HTTP/1.1\r\nhost: localhost\r\n\r\n");
  return socket;
}

test("readers of large answers who do not read cannot take the memory", async (t) => {
  const view = new MadeView();
  let asked = 0;
  view.session = async (visitId) => {
    asked++;
    return [largeSession(visitId)];
  };
  const { port, ask, warnings } = await servedAdmin(t, view);
  const before = heldBytes();
  const sockets: Socket[] = [];
  for (let i = 0; i < READERS; i++) sockets.push(await askSlowly(port));
  await waitUntil(() => asked === READERS);
  const refused = await ask("/sessions/large");
  assert.equal(refused.status, 503);
  assert.match(refused.json.error, /other answers wait for their readers/);
  assert.equal(refused.headers.get("retry-after"), "1");
  assert.equal((await ask("/healthz")).status, 200);
  const grownMib = (heldBytes() - before) / MIB;
  assert.ok(grownMib < 200, `${Math.round(grownMib)} MiB`);
  for (const socket of sockets) socket.destroy();
  await waitUntil(async () => (await ask("/sessions/large")).status === 200);
  assert.deepEqual(warnings, []);
});

test("requests that are sent at once are worked on one after the other", async (t) => {
  const view = new MadeView();
  let asked = 0;
  view.session = async () => {
    asked++;
    await new Promise(() => {});
    return [];
  };
  const { port, ask } = await servedAdmin(t, view);
  const socket = connect(port, "127.0.0.1");
  const request = "GET /sessions/any HTTP/1.1\r\nhost: localhost\r\n\r\n";
  socket.write(request.repeat(200));
  await waitUntil(() => asked > 0);
  assert.equal((await ask("/healthz")).status, 200);
  assert.equal(asked, 1);
  socket.destroy();
});
