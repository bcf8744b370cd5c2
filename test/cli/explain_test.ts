import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { freePort } from "../../docker/local_kafka/free_port.ts";
import { MadeView, NOON_MS } from "../admin/made_view.ts";
import { servedAdmin } from "../admin/served_admin.ts";
import { servedProxy } from "../admin/served_proxy.ts";
import { runInProcess } from "./fake_world.ts";

const TOKEN = "0123456789abcdef-secret";

function openView(): MadeView {
  const view = new MadeView();
  const session = {
    ...{
      visitId: "a/b",
      sessionId: "0-7",
      shard: 0,
      isMixed: false,
      isCut: false,
    },
    ...{ startMs: NOON_MS, lastVisitMs: NOON_MS, endMs: NOON_MS + 600_000 },
    ...{ visits: 2, unfiredVisits: 2, bytes: 300, firings: 0, json: "{}" },
  };
  view.open = new Map([["a/b", [session, { ...session, sessionId: "0-9" }]]]);
  return view;
}

test("explain: a sentence a session, or their numbers", async (t) => {
  const { url } = await servedAdmin(t, openView());
  const { exitCode, stdout } = await runInProcess([
    "explain",
    "a/b",
    "--admin",
    url,
  ]);
  assert.equal(exitCode, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 2);
  assert.match(lines[0]!, /^Session 0-7 of "a\/b" is open: it ends at/);
  assert.match(lines[1]!, /^Session 0-9 of "a\/b" is open/);
  const address = url.replace("http://", "");
  const json = await runInProcess([
    "explain",
    "a/b",
    "--admin",
    address,
    "--json",
  ]);
  assert.equal(JSON.parse(json.stdout).sessions.length, 2);
  const none = await runInProcess(["explain", "v8", "--admin", url]);
  assert.equal(none.exitCode, 0);
  assert.match(none.stdout, /^"v8" has no open session here: .*\n$/);
});

test("explain: asks for any visit_id", async (t) => {
  const view = new MadeView();
  const names = [".", "..", " v7 ", "a/b?c=d&e#f", "v…"];
  const [session] = openView().open!.get("a/b")!;
  view.open = new Map(
    names.map((visitId) => [visitId, [{ ...session!, visitId }]]),
  );
  const { url } = await servedAdmin(t, view);
  for (const name of names) {
    const argv = ["explain", name, "--admin", url];
    const { stdout, stderr } = await runInProcess(argv);
    const begin = `Session 0-7 of ${JSON.stringify(name)} is open`;
    assert.ok(stdout.startsWith(begin), stdout + stderr);
  }
});

test("explain: asks through a proxy that shows the job below a path", async (t) => {
  const { port: to } = await servedAdmin(t, openView());
  const port = await freePort();
  await servedProxy(t, { port, to }, { prefix: "/jobs/x/" });
  for (const path of ["/jobs/x", "/jobs/x/"]) {
    const url = `http://127.0.0.1:${port}${path}`;
    const argv = ["explain", "a/b", "--admin", url];
    const { stdout, stderr } = await runInProcess(argv);
    assert.match(stdout, /^Session 0-7 of "a\/b" is open/, stderr);
  }
});

test("explain: the token comes from the flag or the environment", async (t) => {
  const { url } = await servedAdmin(t, openView(), { token: TOKEN });
  const argv = ["explain", "a/b", "--admin", url];
  const without = await runInProcess(argv);
  assert.equal(without.exitCode, 1);
  assert.match(without.stderr, /wants the token .* --admin-token/);
  const wrong = await runInProcess([...argv, "--admin-token", `${TOKEN}x`]);
  assert.equal(wrong.exitCode, 1);
  assert.doesNotMatch(wrong.stderr, /secret/);
  const right = await runInProcess(argv, { SESSIONMILL_ADMIN_TOKEN: TOKEN });
  assert.equal(right.exitCode, 0);
});

test("explain: whatever answers, or does not, is said in a sentence", async (t) => {
  const restoring = openView();
  restoring.open = null;
  const { url } = await servedAdmin(t, restoring);
  const silent = await listening(t, () => {});
  const closing = await listening(t, (socket) => socket.destroy());
  const chatty = await listening(t, (socket) =>
    socket.end("220 mail ready\r\n"),
  );
  const stranger = await listening(t, (socket) =>
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"),
  );
  await silent.close();
  const cases: [string, RegExp][] = [
    [url, /they are being restored\n$/],
    [silent.url, /nothing listens there; is the job running.*say --admin http/],
    [closing.url, /the connection was closed/],
    [chatty.url, /Cannot ask the job at /],
    [stranger.url, /is no admin server of sessionmill\n$/],
    [url.replace("http:", "https:"), /does not speak TLS/],
    ["http://127.0.0.1:22", /ask nothing of that port, .* serve the job at/],
  ];
  for (const [admin, sentence] of cases) {
    const { exitCode, stderr } = await runInProcess([
      "explain",
      "v",
      "--admin",
      admin,
    ]);
    assert.equal(exitCode, 1, stderr);
    assert.match(stderr, /^Cannot ask the job at https?:[^\n]*\n$/);
    assert.match(stderr, sentence);
  }
});

test("explain: no URL, and a URL with more than a place in it", async () => {
  for (const admin of [
    "foo",
    "ftp://x:1",
    "http://h:1/?query",
    "http://h:1/path#hash",
    "http://u:p@h:1",
    "h:99999",
  ]) {
    const { exitCode, stderr } = await runInProcess([
      "explain",
      "v",
      "--admin",
      admin,
    ]);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, /--admin must be a URL such as/);
  }
});

/** A server that does with its connections what it is told. */
async function listening(t: TestContext, answer: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    answer(socket);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  };
  t.after(close);
  return { url: `http://127.0.0.1:${address.port}`, close };
}
