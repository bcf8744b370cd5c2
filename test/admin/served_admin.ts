import type { TestContext } from "node:test";
import type { ServeOptions } from "../../src/admin/admin_options.ts";
import { serveAdmin } from "../../src/admin/serve_admin.ts";
import type { RunView } from "../../src/observe/run_view.ts";

/** An answer as a test looks at it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text read as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer
  readonly json: any;
}

/** A server that ends with its test. */
export interface ServedAdmin {
  readonly url: string;
  readonly port: number;
  /** What it has warned of. */
  readonly warnings: string[];
  ask(path: string, init?: RequestInit): Promise<Answer>;
}

/** Serves a view on a free port of loopback. */
export async function servedAdmin(
  t: TestContext,
  view: RunView,
  change: Partial<ServeOptions> = {},
): Promise<ServedAdmin> {
  const warnings: string[] = [];
  const server = await serveAdmin(view, {
    ...{ host: "127.0.0.1", port: 0, mayMove: false, token: null },
    origins: [],
    version: "0.1.0",
    warn: (text) => warnings.push(text),
    ...change,
  });
  t.after(() => server.close());
  const url = `http://127.0.0.1:${server.port}`;
  return {
    ...{ url, port: server.port, warnings },
    async ask(path, init) {
      const response = await fetch(url + path, init);
      const text = await response.text();
      const isJson = /json/.test(response.headers.get("content-type") ?? "");
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: isJson && text !== "" ? JSON.parse(text) : null,
      };
    },
  };
}
