import module from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import type {
  AdminThreadData,
  AdminThreadNews,
} from "../src/admin/admin_thread.ts";
import { serveAdmin } from "../src/admin/serve_admin.ts";
import { PortView } from "../src/admin/view_port.ts";
import { WorldError } from "../src/errors.ts";

const { options, port }: AdminThreadData = workerData;
const tell = (news: AdminThreadNews) => parentPort!.postMessage(news);

try {
  const server = await serveAdmin(new PortView(port), {
    ...options,
    warn: (text) => tell({ kind: "warning", text }),
  });
  parentPort!.on("message", async () => {
    await server.close();
    process.exit();
  });
  tell({ kind: "listens", port: server.port });
  // Keeps what was compiled so far, for the next start.
  module.flushCompileCache?.();
} catch (error) {
  if (!(error instanceof WorldError)) throw error;
  tell({ kind: "cannot listen", why: error.message });
}
