import assert from "node:assert/strict";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { MadeView } from "./made_view.ts";
import { servedAdmin } from "./served_admin.ts";

const TOKEN = "0123456789abcdef-secret";
const RESET = { path: "/latency/reset", method: "POST" };

/** `fetch` lets nobody set Host or Origin. */
async function statusOf(
  port: number,
  options: {
    host?: string;
    path?: string;
    method?: string;
    headers: Record<string, string>;
  },
): Promise<{ status: number; body: string }> {
  const sent = request({ host: "127.0.0.1", port, path: "/state", ...options });
  sent.end();
  return await new Promise((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", async (answer) => {
      resolve({ status: answer.statusCode!, body: await text(answer) });
    });
  });
}

test("token: everything but health and the page asks for it", async (t) => {
  const { ask } = await servedAdmin(t, new MadeView(), { token: TOKEN });
  const { paths } = (
    await ask("/openapi.json", {
      headers: { authorization: `Bearer ${TOKEN}` },
    })
  ).json;
  for (const path of ["/healthz", "/readyz", "/", "/page.js", "/page.css"]) {
    assert.equal((await ask(path)).status, 200, path);
  }
  const guarded = Object.keys(paths).filter((path) => !path.endsWith("z"));
  for (const path of [...guarded, "/openapi.json", "/nothing"]) {
    const { status, headers, json } = await ask(path);
    assert.equal(status, 401, path);
    assert.match(headers.get("www-authenticate")!, /^Bearer/);
    assert.match(json.error, /Authorization: Bearer TOKEN/);
    assert.doesNotMatch(json.error, new RegExp(TOKEN));
  }
});

test("token: only the right one, in the right form", async (t) => {
  const { ask } = await servedAdmin(t, new MadeView(), { token: TOKEN });
  const statusWith = async (authorization: string) =>
    (await ask("/state", { headers: { authorization } })).status;
  assert.equal(await statusWith(`Bearer ${TOKEN}`), 200);
  assert.equal(await statusWith(`bearer ${TOKEN}`), 200);
  for (const wrong of [
    "Bearer",
    "Bearer x",
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    `Basic ${Buffer.from(`:${TOKEN}`).toString("base64")}`,
    TOKEN,
    `Bearer ${"x".repeat(8_000)}`,
  ]) {
    assert.equal(await statusWith(wrong), 401, wrong.slice(0, 40));
  }
});

test("host: on loopback only names of loopback, so that no foreign name is bound to it", async (t) => {
  const { port } = await servedAdmin(t, new MadeView());
  for (const host of [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    "LOCALHOST",
    `[::1]:${port}`,
    "localhost:8080",
  ]) {
    assert.equal(
      (await statusOf(port, { headers: { host } })).status,
      200,
      host,
    );
  }
  for (const host of [
    "evil.example",
    `evil.example:${port}`,
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "user@127.0.0.1",
  ]) {
    const { status, body } = await statusOf(port, { headers: { host } });
    assert.equal(status, 403, host);
    assert.match(JSON.parse(body).error, /on loopback it must be 127\.0\.0\.1/);
    const health = { path: "/healthz", headers: { host } };
    assert.equal((await statusOf(port, health)).status, 403, host);
  }
});

test("origin: pages of another site neither read nor reset", async (t) => {
  const { port } = await servedAdmin(t, new MadeView());
  const host = `127.0.0.1:${port}`;
  for (const origin of [
    "http://evil.example",
    "null",
    `https://evil.example`,
    "x",
    `http://localhost:${port}`,
  ]) {
    const headers = { host, origin };
    assert.equal(
      (await statusOf(port, { ...RESET, headers })).status,
      403,
      origin,
    );
    assert.equal((await statusOf(port, { headers })).status, 403, origin);
  }
  const own = { host, origin: `http://${host}` };
  assert.equal((await statusOf(port, { ...RESET, headers: own })).status, 200);
  assert.equal(
    (await statusOf(port, { ...RESET, headers: { host } })).status,
    200,
  );
});

test("host: the address that is listened on is one, as given and as browsers write it", async (t) => {
  for (const [host, written] of [
    ["127.0.0.2", "127.0.0.2"],
    ["127.1.2", "127.1.0.2"],
  ] as const) {
    const admin = await servedAdmin(t, new MadeView(), { host });
    const { port } = admin;
    for (const name of [host, written, "localhost"]) {
      const headers = { host: `${name}:${port}` };
      const at = { host: written, headers };
      assert.equal((await statusOf(port, at)).status, 200, name);
    }
    const origin = `http://${written}:${port}`;
    const own = { host: `${written}:${port}`, origin };
    const page = { ...RESET, host: written, headers: own };
    assert.equal((await statusOf(port, page)).status, 200);
    const foreign = { host: written, headers: { host: "evil.example" } };
    assert.equal((await statusOf(port, foreign)).status, 403);
  }
});

const NAMED = ["https://ops.example", "http://10.0.0.7:8080"];

test("origin: one that is named is let in with any Host of ours, to the letter", async (t) => {
  const { port } = await servedAdmin(t, new MadeView(), { origins: NAMED });
  const own = `127.0.0.1:${port}`;
  const cases: [host: string, origin: string | null, status: number][] = [
    // A proxy that keeps the Host, one that leaves its port out, one that does not.
    ["ops.example", "https://ops.example", 200],
    ["OPS.example:8443", "https://ops.example", 200],
    ["10.0.0.7", "http://10.0.0.7:8080", 200],
    [own, "https://ops.example", 200],
    [own, "http://10.0.0.7:8080", 200],
    [own, `http://${own}`, 200],
    ["ops.example", null, 200],
    ["ops.example", "http://ops.example", 403],
    ["OPS.example", "http://OPS.example", 403],
    [own, "http://ops.example", 403],
    ["ops.example", "https://ops.example:8443", 403],
    [own, "http://10.0.0.7", 403],
    [own, "https://evil.example", 403],
    [own, "https://ops.example.evil.example", 403],
    [own, "null", 403],
    ["evil.example", "https://ops.example", 403],
    ["evil.example", "http://evil.example", 403],
    ["ops.example.evil.example", null, 403],
  ];
  for (const [host, origin, expected] of cases) {
    const headers = origin === null ? { host } : { host, origin };
    const { status, body } = await statusOf(port, { ...RESET, headers });
    assert.equal(status, expected, `${host} ${origin}`);
    if (status === 403) {
      assert.match(
        JSON.parse(body).error,
        /name (it|its origin) with --admin-origin$/,
      );
    }
  }
});

test("origin: one that is named is let in where others reach the address", async (t) => {
  const open = { host: "0.0.0.0", origins: NAMED };
  const { port } = await servedAdmin(t, new MadeView(), open);
  const statusWith = async (headers: { host: string; origin: string }) =>
    (await statusOf(port, { ...RESET, headers })).status;
  const host = "processor:9464";
  assert.equal(await statusWith({ host, origin: `http://${host}` }), 200);
  assert.equal(await statusWith({ host, origin: "https://ops.example" }), 200);
  assert.equal(await statusWith({ host, origin: "https://x.example" }), 403);
});

test("every answer bears the headers that keep browsers out of trouble", async (t) => {
  const { ask } = await servedAdmin(t, new MadeView());
  for (const path of ["/", "/state", "/metrics", "/nothing", "/%zz"]) {
    const { headers } = await ask(path);
    assert.match(
      headers.get("content-security-policy")!,
      /frame-ancestors 'none'/,
    );
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("cache-control"), "no-store");
  }
});

test("an address that others reach, without a token: a warning", async (t) => {
  const open = await servedAdmin(t, new MadeView(), { host: "0.0.0.0" });
  assert.match(
    open.warnings.join(),
    /without --admin-token: whoever reaches it/,
  );
  const named = { host: "visits.example" };
  const { status } = await statusOf(open.port, { headers: named });
  assert.equal(status, 200, "its name is not known to us");
  const guarded = await servedAdmin(t, new MadeView(), {
    ...{ host: "0.0.0.0", token: TOKEN },
  });
  assert.deepEqual(guarded.warnings, []);
  const wide = await servedAdmin(t, new MadeView(), { host: "::" });
  assert.match(wide.warnings.join(), /listens on \[::\]:\d+ without/);
});
