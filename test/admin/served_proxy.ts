import { createServer, request } from "node:http";
import type { TestContext } from "node:test";

/** How a proxy hands requests on. */
export interface ProxyOptions {
  /** Where it shows the admin server: `/x/`. */
  readonly prefix: string;
  /** It hands on the Host that it is asked for, in place of the server's. */
  readonly keepsHost?: boolean;
}

/** A proxy on a port of loopback; ends with its test. */
export async function servedProxy(
  t: TestContext,
  listen: { readonly port: number; readonly to: number },
  { prefix, keepsHost = false }: ProxyOptions,
): Promise<void> {
  const proxy = createServer((asked, reply) => {
    const { url = "", method, headers } = asked;
    if (!url.startsWith(prefix)) {
      reply.writeHead(404).end();
      return;
    }
    const own = keepsHost ? {} : { host: `127.0.0.1:${listen.to}` };
    const sent = request({
      ...{ host: "127.0.0.1", port: listen.to, method },
      path: `/${url.slice(prefix.length)}`,
      headers: { ...headers, ...own },
    });
    sent.on("response", (answer) => {
      reply.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(reply);
    });
    sent.on("error", () => reply.destroy());
    asked.pipe(sent);
  });
  proxy.listen(listen.port, "127.0.0.1");
  await new Promise((done) => proxy.once("listening", done));
  t.after(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
}
