import type { Server, Socket } from "node:net";

/**
 * Keeps a server to so many connections: one more closes the oldest. So whoever
 * opens many and says nothing pushes itself out, and a probe is still answered.
 */
export function boundConnections(server: Server, connectionsMax: number): void {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    if (open.size <= connectionsMax) return;
    const [oldest] = open;
    open.delete(oldest!);
    oldest!.destroy();
  });
}
